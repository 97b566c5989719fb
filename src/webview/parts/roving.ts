/**
 * Where the arrow keys lead in a row of marks, or with `perRow` in a grid of them; null for any other key. Only one
 * mark of a group is reached by Tab.
 */
export function nextIndex(key: string, at: number, count: number, perRow = 1): number | null {
  const inside = (to: number): number => (to < 0 || to >= count ? at : to);
  switch (key) {
    case 'ArrowLeft':
      return inside(at - 1);
    case 'ArrowRight':
      return inside(at + 1);
    case 'ArrowUp':
      return perRow > 1 ? inside(at - perRow) : null;
    case 'ArrowDown':
      return perRow > 1 ? inside(at + perRow) : null;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** Enter and space do what a click does. */
export function isActivation({ key }: { readonly key: string }): boolean {
  return key === 'Enter' || key === ' ';
}
