import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useApp } from "../../state/app.ts";
import { clockTime } from "../format.ts";
import { type Series, toData, toOptions } from "./chart-options.ts";
import { ChartPoint, wordValue } from "./chart-point.tsx";
import "./chart.css";

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

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Lines over time, with the values under the pointer, or where the arrow keys are. Made once for its size and colours; new points only move what is drawn. */
export function Chart({ label, times, series, format, height = 148, isWhole = false }: ChartProps) {
  const { theme } = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef<uPlot.AlignedData>([[]]);
  /** The moment that is looked at: it stays where it is when new ones come. */
  const [moment, setMoment] = useState<number | undefined>(undefined);
  latest.current = toData(times, series);

  useEffect(() => {
    const element = frame.current!;
    const onPoint = (index: number | null) =>
      setMoment(index === null ? undefined : latest.current[0][index]);
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        toOptions({ width: element.clientWidth, height, series, format, isWhole, onPoint }),
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

  const index = moment === undefined ? -1 : times.indexOf(moment);
  const last = times.length - 1;
  const step = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    if (event.key === "Escape") return setMoment(undefined);
    if (by === undefined || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const from = index === -1 ? last + (by < 0 ? 1 : 0) : index;
    setMoment(times[Math.min(last, Math.max(0, from + by))]);
  };
  const shown = index === -1 ? last : index;
  const words = series
    .map(({ label: name, values }) => `${name} ${wordValue(values[shown], format)}`)
    .join(", ");
  const when = index === -1 ? "now" : clockTime((times[index] ?? 0) * 1000).slice(0, 8);
  return (
    <figure class="chart">
      <figcaption>
        <h2>{label}</h2>
        <span class="spread" />
        {series.map(({ label: name, colour, values }) => (
          <span key={name} class="legend number">
            <i style={{ background: `var(${colour})` }} />
            {name} <b>{wordValue(values.at(-1), format)}</b>
          </span>
        ))}
      </figcaption>
      <div
        class="chart-frame"
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={`${when}: ${words}`}
        style={{ height: `${height}px` }}
        onKeyDown={step}
        onBlur={() => setMoment(undefined)}
      >
        <div ref={frame} class="chart-plot" aria-hidden="true" />
        {index !== -1 && (
          <ChartPoint
            time={times[index]!}
            index={index}
            series={series}
            format={format}
            place={placeOf(plot.current, times[index]!)}
          />
        )}
      </div>
    </figure>
  );
}

/** Of the frame's width, from 0 to 1. */
function placeOf(plot: uPlot | undefined, time: number): number {
  if (plot === undefined || plot.width === 0) return 0;
  const left = plot.valToPos(time, "x") + plot.bbox.left / devicePixelRatio;
  return Math.min(1, Math.max(0, left / plot.width));
}
