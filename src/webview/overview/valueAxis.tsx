interface ValueAxisProps {
  readonly ticks: readonly number[];
  /** Where a value stands, in pixels from the top. */
  readonly y: (value: number) => number;
  /** The lines' ends, in pixels from the left. */
  readonly from: number;
  readonly to: number;
  readonly show: (value: number) => string;
}

/** A chart's lines at round values, with the values beside them. */
export function ValueAxis({ ticks, y, from, to, show }: ValueAxisProps) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class={tick === 0 ? 'base' : 'grid'} x1={from} x2={to} y1={y(tick)} y2={y(tick)} />
          <text class="tick" x={from - 8} y={y(tick)} dy="0.32em" text-anchor="end">
            {show(tick)}
          </text>
        </g>
      ))}
    </>
  );
}
