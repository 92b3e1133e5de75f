import uPlot from "uplot";

export interface Series {
  readonly label: string;
  /** A custom property of tokens.css, e.g. `--client`. */
  readonly colour: string;
  /** Null where nothing was measured. */
  readonly values: readonly (number | null)[];
  /** Bars of a chart stand on each other. */
  readonly look?: "line" | "area" | "bars";
}

export interface ChartLook {
  readonly width: number;
  readonly height: number;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** What is counted has no halves. */
  readonly isWhole: boolean;
  /** The pointer is at this point of time; null: at none. */
  onPoint(index: number | null): void;
}

/** As it is drawn: the first of the bars stands on those behind it, and so is as high as all of them. */
export function toData(times: readonly number[], series: readonly Series[]): uPlot.AlignedData {
  const drawn = series.map(({ look, values }, at) => {
    if (look !== "bars") return [...values];
    const below = series.slice(at + 1).filter((other) => other.look === "bars");
    return values.map((value, index) =>
      below.reduce((sum, other) => sum + (other.values[index] ?? 0), value ?? 0),
    );
  });
  return [[...times], ...drawn];
}

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** In seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const toClock = uPlot.fmtDate("{HH}:{mm}:{ss}");

/** The first mark may lie behind the end, where its label would be cut. */
function toClocks({ scales }: uPlot, splits: readonly number[]): string[] {
  const end = scales.x?.max ?? Number.POSITIVE_INFINITY;
  return splits.map((split) => (split > end ? "" : toClock(new Date(split * 1000))));
}

export function toOptions({ width, height, series, format, isWhole, onPoint }: ChartLook): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--text-3"),
    font: `11px ${style.getPropertyValue("--font")}`,
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  return {
    width,
    height,
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    scales: { y: { range: (_, __, max) => [0, max <= 0 ? 1 : max * 1.12] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, values: toClocks, incrs: TIME_STEPS, space: 90 },
      {
        ...axis,
        size: 54,
        gap: 4,
        space: 34,
        ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
        values: (_, values) => values.map(format),
      },
    ],
    series: [{}, ...series.map((one) => toSeries(one, colour(one.colour)))],
  };
}

function toSeries({ label, look }: Series, stroke: string): uPlot.Series {
  const line = { label, stroke, width: look === "bars" ? 0 : 1.5, points: { show: false } };
  switch (look) {
    case "area":
      return { ...line, fill: `color-mix(in srgb, ${stroke} 14%, transparent)` };
    case "bars":
      return { ...line, fill: stroke, paths: uPlot.paths.bars!({ size: [0.9, 6, 2] }) };
    case "line":
    case undefined:
      return line;
  }
}
