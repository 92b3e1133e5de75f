import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { elapsed, percent } from "../format.ts";
import { VisibleText } from "../visible-text.tsx";
import { ticksOf, tickWords } from "./ticks.ts";
import "./waterfall.css";

export type SpanTone = "wait" | "policy" | "dial" | "send" | "server" | "answer";

/** A part of the time that something took. */
export interface TimeSpan {
  readonly name: string;
  /** Where, or to whom, e.g. host and port. */
  readonly about?: string | undefined;
  readonly tone: SpanTone;
  readonly startMs: number;
  readonly durationMs: number;
  /** What ended it, where that was no success. */
  readonly problem?: string | undefined;
}

interface WaterfallProps {
  readonly label: string;
  readonly spans: readonly TimeSpan[];
  readonly totalMs: number;
}

/** Where the pointer is: at which moment, over which row. */
interface Pointed {
  readonly share: number;
  readonly row: number;
}

/** Bars on one axis of time, a row each: a table, to who cannot see them. */
export function Waterfall({ label, spans, totalMs }: WaterfallProps) {
  const [pointed, setPointed] = useState<Pointed | undefined>(undefined);
  const wholeMs = Math.max(totalMs, ...spans.map(({ startMs, durationMs }) => startMs + durationMs), 1e-3);
  const point = (row: number) => (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    setPointed({ row, share: Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width))) });
  };
  const leave = () => setPointed(undefined);
  const span = pointed && spans[pointed.row];
  return (
    <figure class="waterfall">
      <table aria-label={label} onPointerLeave={leave}>
        <thead>
          <tr>
            <th scope="col">
              <span class="sr-only">Part</span>
            </th>
            <th scope="col" class="waterfall-axis">
              <span class="sr-only">Begins</span>
              {pointed === undefined ? (
                ticksOf(wholeMs).map((ms) => <Tick key={ms} share={ms / wholeMs} ms={ms} />)
              ) : (
                <Tick share={pointed.share} ms={pointed.share * wholeMs} isPointed />
              )}
            </th>
            <th scope="col" class="right">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {spans.map(({ name, about, tone, startMs, durationMs, problem }, index) => (
            <Fragment key={index}>
              <tr class={problem === undefined ? "" : "failed"}>
                <th scope="row" title={about === undefined ? name : `${name} ${about}`}>
                  {name}
                  {about !== undefined && (
                    <span class="waterfall-about">
                      {" "}
                      <VisibleText text={about} />
                    </span>
                  )}
                </th>
                <td class="waterfall-lane" onPointerMove={point(index)} onPointerDown={point(index)}>
                  <span class="sr-only">{elapsed(startMs)}</span>
                  <span
                    class={`waterfall-bar ${tone}`}
                    style={{ left: inPercent(startMs / wholeMs), width: inPercent(durationMs / wholeMs) }}
                  />
                  {pointed !== undefined && (
                    <span class="waterfall-guide" style={{ left: inPercent(pointed.share) }} />
                  )}
                </td>
                <td class="right number">{elapsed(durationMs)}</td>
              </tr>
              {problem !== undefined && (
                <tr class="waterfall-problem">
                  <td colSpan={3}>
                    <VisibleText text={problem} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Whole</th>
            <td class="waterfall-words number">
              {span !== undefined && (
                <span aria-hidden="true">
                  {span.name}: {elapsed(span.startMs)} to {elapsed(span.startMs + span.durationMs)},{" "}
                  {percent(span.durationMs / wholeMs)}
                </span>
              )}
            </td>
            <td class="right number">{elapsed(totalMs)}</td>
          </tr>
        </tfoot>
      </table>
    </figure>
  );
}

interface TickProps {
  readonly share: number;
  readonly ms: number;
  readonly isPointed?: boolean;
}

function Tick({ share, ms, isPointed = false }: TickProps) {
  return (
    <span
      class={`waterfall-tick number${isPointed ? " pointed" : ""}`}
      style={{ left: inPercent(share) }}
      aria-hidden="true"
    >
      {isPointed ? elapsed(ms) : tickWords(ms)}
    </span>
  );
}

function inPercent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
