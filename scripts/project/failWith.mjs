/** What a person can act on: the message of an expected error, all of an unexpected one. */
export function messageOf(error) {
  const expected = error instanceof Error && (error.constructor === Error || 'reason' in error);
  return expected ? error.message : error;
}

export function failWith(error) {
  console.error(messageOf(error));
  process.exit(1);
}
