const paths = {
  refresh: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.75M11.9 1.6v2.9H9',
  export: 'M8 10V2.2M5.2 4.8 8 2l2.8 2.8M2.8 9.5v3.2c0 .6.4 1 1 1h8.4c.6 0 1-.4 1-1V9.5',
  warning: 'M8 2.2 14.3 13.4H1.7ZM8 6.4v3.4M8 11.4v.4',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.4v3.4M8 5v.4',
  question: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.4 6.5a1.7 1.7 0 1 1 2.4 1.6c-.5.3-.8.6-.8 1.2M8 11v.4',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6',
  folder: 'M2 12.5v-9h4.2l1.4 1.8H14v7.2Z',
  check: 'm3.2 8.4 3 3 6.6-6.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  table: 'M2.2 3h11.6v10H2.2ZM2.2 6.4h11.6M2.2 9.7h11.6M6.4 6.4V13',
  blank: '',
  up: 'm4.5 9.8 3.5-3.5 3.5 3.5',
  down: 'm4.5 6.4 3.5 3.5 3.5-3.5',
  back: 'M13 8H3.5M7 4 3 8l4 4',
  search: 'M7 11.6A4.6 4.6 0 1 0 7 2.4a4.6 4.6 0 0 0 0 9.2ZM10.4 10.4l3.4 3.4',
  filter: 'M2 3.5h12M4.4 8h7.2M6.6 12.5h2.8',
  window: 'M6.5 3H3v10h10V9.5M9 3h4v4M13 3 7.6 8.4',
  open: 'M3 2.5h6l4 4v7H3ZM9 2.5v4h4',
  chart: 'M2 13.5h12M4 11V7.5M8 11V3M12 11V5.5',
} as const;

export type IconName = keyof typeof paths;

/** Decoration: what it means always stands beside it in words. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
