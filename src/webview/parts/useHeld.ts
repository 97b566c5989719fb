import { useRef } from 'preact/hooks';

/** While the next value is waited for, the one before: what is shown stays until there is something else to show. */
export function useHeld<Value>(value: Value | null, waiting: boolean): Value | null {
  const before = useRef<Value | null>(null);
  if (value !== null || !waiting) before.current = value;
  return before.current;
}
