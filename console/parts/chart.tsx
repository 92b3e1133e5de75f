import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useApp } from "../state/app.ts";

export interface Series {
  readonly label: string;
  /** A custom property of tokens.css, e.g. `--client`. */
  readonly colour: string;
  readonly values: readonly number[];
  readonly look?: "line" | "area" | "bars";
}

interface ChartProps {
  readonly label: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** What is counted has no halves. */
  readonly isWhole?: boolean;
}

/** Lines over time. Made once for its size and colours; new points only move what is drawn. */
export function Chart({ label, times, series, format, height = 148, isWhole = false }: ChartProps) {
  const { theme } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef<uPlot.AlignedData>([[]]);
  latest.current = [times as number[], ...series.map(({ values }) => values as number[])];

  useEffect(() => {
    const element = frame.current!;
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        toOptions({ width: element.clientWidth, height, series, format, isWhole }),
        latest.current,
        element,
      );
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", make);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", make);
      plot.current?.destroy();
    };
  }, [theme.value]);

  useEffect(() => plot.current?.setData(latest.current), [times]);

  const now = series.map(({ label: name, values }) => `${name} ${format(values.at(-1) ?? 0)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h2>{label}</h2>
        <span class="spread" />
        {series.map(({ label: name, colour, values }) => (
          <span key={name} class="legend number">
            <i style={{ background: `var(${colour})` }} />
            {name} <b>{format(values.at(-1) ?? 0)}</b>
          </span>
        ))}
      </figcaption>
      <div
        ref={frame}
        class="chart-frame"
        role="img"
        aria-label={`${label}: now ${now}`}
        style={{ height: `${height}px` }}
      />
    </figure>
  );
}

const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

interface Look extends Required<Pick<ChartProps, "height" | "series" | "format" | "isWhole">> {
  readonly width: number;
}

function toOptions({ width, height, series, format, isWhole }: Look): uPlot.Options {
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
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, max) => [0, max <= 0 ? 1 : max * 1.12] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, values: "{HH}:{mm}:{ss}", space: 90 },
      {
        ...axis,
        size: 54,
        gap: 4,
        space: 34,
        ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
        values: (_, values) => values.map(format),
      },
    ],
    series: [
      {},
      ...series.map((one) => ({
        label: one.label,
        stroke: colour(one.colour),
        width: one.look === "bars" ? 0 : 1.5,
        points: { show: false },
        ...(one.look === "area"
          ? { fill: `color-mix(in srgb, ${colour(one.colour)} 14%, transparent)` }
          : {}),
        ...(one.look === "bars"
          ? { fill: colour(one.colour), paths: uPlot.paths.bars!({ size: [0.9, 6, 2] }) }
          : {}),
      })),
    ],
  };
}
