import { clockTime } from "../format.ts";
import type { Series } from "./chart-options.ts";

interface ChartPointProps {
  /** Seconds since 1970. */
  readonly time: number;
  readonly index: number;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Of the point, from 0 at the left edge to 1. */
  readonly place: number;
}

/** The values of one moment, beside it. */
export function ChartPoint({ time, index, series, format, place }: ChartPointProps) {
  const side = place > 0.5 ? { right: `${(1 - place) * 100}%` } : { left: `${place * 100}%` };
  return (
    <div class={`chart-point ${place > 0.5 ? "before" : "behind"}`} style={side} aria-hidden="true">
      <span class="number muted">{clockTime(time * 1000).slice(0, 8)}</span>
      {series.map(({ label, colour, values }) => (
        <span key={label} class="legend number">
          <i style={{ background: `var(${colour})` }} />
          {label} <b>{wordValue(values[index], format)}</b>
        </span>
      ))}
    </div>
  );
}

export function wordValue(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
