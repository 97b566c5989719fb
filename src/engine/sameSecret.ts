import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes the same time wherever the two differ, also in length. */
export function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
