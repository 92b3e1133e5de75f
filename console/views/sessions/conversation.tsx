import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { FrameRecord, HookRecord, PayloadView, TrafficRecord } from "../../../core/traffic/records.ts";
import { Button, Empty, Loading } from "../../parts/basics.tsx";
import { bytes, clockTime, plural } from "../../parts/format.ts";
import { NoteMark, NoteText } from "../../parts/notes/note-mark.tsx";
import { useNote } from "../../parts/notes/use-note.ts";
import { toBytes } from "../../parts/payload-bytes.ts";
import { previewOfClose } from "../../parts/preview.ts";
import { reachOf, useRecording } from "../../parts/recording/recording.ts";
import { RecordingOff } from "../../parts/recording/recording-off.tsx";
import { VisibleText } from "../../parts/visible-text.tsx";
import { link } from "../../state/query.ts";
import type { Row } from "../../state/row-list.ts";
import type { TrafficWindow } from "../../state/traffic-window.ts";
import { CLOSE, closeWords, hookWords, opcodeName, outcomeTone, whyLink } from "../traffic/words.ts";

/** As many as a person reads; more are a click away, or in the table. */
const SHOWN_AT_ONCE = 250;
const SHOWN_BYTES = 64;

/** One session as a talk: the client on the left, the server on the right, what policies said in their colour. */
export function Conversation({
  window,
  isOpen,
  route,
}: {
  readonly window: TrafficWindow;
  readonly isOpen: boolean;
  /** Undefined: nobody knows, or it is another machine's. */
  readonly route: string | undefined;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  // A component that reads signals is drawn for these only, not because its parent was.
  window.version.value;
  const rows = window.rows.slice(-SHOWN_AT_ONCE);
  const isFollowing = window.isFollowing.value;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && isFollowing) element.scrollTop = element.scrollHeight;
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const current = scroller.current;
      if (current !== null && window.isFollowing.peek()) current.scrollTop = current.scrollHeight;
    });
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);

  if (rows.length === 0) {
    return (
      <div class="conversation" ref={scroller}>
        {window.status.value === "ready" ? <NothingSaid isOpen={isOpen} route={route} /> : <Loading />}
      </div>
    );
  }
  return (
    <div
      class="conversation"
      ref={scroller}
      role="log"
      aria-label="Conversation"
      aria-live="off"
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        const isAtEnd = scrollHeight - scrollTop - clientHeight < 24;
        if (isAtEnd !== window.isFollowing.peek() && !window.hasNewer) window.isFollowing.value = isAtEnd;
      }}
    >
      {(window.hasOlder || window.rows.length > rows.length) && (
        <a class="earlier" href={link("/traffic/websockets", { session: sessionOf(rows) })}>
          Earlier messages are in WebSockets
        </a>
      )}
      {isBegunLater(window) && <p class="turn-note">Recorded from here on: what was before is not there</p>}
      {rows.map((row) => (
        <Fragment key={row.seq}>
          <Turn row={row} />
          {row.kind !== "gap" && <TurnNote record={row} />}
        </Fragment>
      ))}
      {!isFollowing && (
        <span class="to-end">
          <Button icon="follow" look="primary" onClick={() => void window.toNewest()}>
            Newest
          </Button>
        </span>
      )}
    </div>
  );
}

/** Recording was switched on when it was open already. */
function isBegunLater({ rows, hasOlder }: TrafficWindow): boolean {
  const [first] = rows;
  return !hasOlder && (first?.kind === "frame" || first?.kind === "hook");
}

function NothingSaid({ isOpen, route }: { readonly isOpen: boolean; readonly route: string | undefined }) {
  const [{ value }] = useRecording();
  const isOff = isOpen && route !== undefined && value !== undefined && reachOf(value, route) === "off";
  if (isOff) return <RecordingOff route={route} />;
  return (
    <Empty icon="sessions" title={isOpen ? "Nothing was said yet" : "Nothing is kept of this session"}>
      {isOpen
        ? "Its messages appear here as they pass."
        : "It was not recorded, or the recorder has given up its records for newer ones."}
    </Empty>
  );
}

function Turn({ row }: { readonly row: Row }) {
  switch (row.kind) {
    case "gap":
      return <p class="turn-note">{plural(row.skipped, "message")} came too fast to be shown</p>;
    case "upgrade":
      return (
        <p class="turn-note">
          <span class="number">{clockTime(row.time)}</span>{" "}
          {row.status === 101 ? (
            <>
              Connected to <span class="mono">{row.server}</span>
            </>
          ) : (
            `Refused with ${row.status}: ${row.detail || row.code}`
          )}
        </p>
      );
    case "request":
      return null;
    case "close":
      return (
        <p class="turn-note end">
          <span class="number">{clockTime(row.time)}</span> {closeWords(row)} · {row.code}
          {row.reason !== "" && (
            <>
              {" "}
              “<VisibleText text={row.reason} />”
            </>
          )}
        </p>
      );
    case "hook":
      return <HookCall record={row} />;
    case "frame":
      return row.opcode > 2 ? <ControlFrame record={row} /> : <Message record={row} />;
  }
}

/** What somebody has kept with it. */
function TurnNote({ record }: { readonly record: TrafficRecord }) {
  const { marked, note } = useNote(record);
  if (!marked && note === "") return null;
  return (
    <p class="turn-note">
      <NoteMark record={record} />
      <NoteText record={record} />
      {note === "" && "marked"}
    </p>
  );
}

function ControlFrame({ record }: { readonly record: FrameRecord }) {
  return (
    <p class="turn-note">
      <span class="number">{clockTime(record.time)}</span> {opcodeName(record.opcode)} from the{" "}
      {record.origin}
      {record.opcode === CLOSE && record.payload !== null && `: ${previewOfClose(record.payload)}`}
    </p>
  );
}

function Message({ record }: { readonly record: FrameRecord }) {
  const { origin, by, outcome, after, payload, replies, appended } = record;
  const other = origin === "client" ? "server" : "client";
  const isStopped = outcome === "dropped" || outcome === "closed";
  return (
    <>
      <article
        class={`turn ${origin}${isStopped ? " stopped" : ""}${by === undefined ? "" : " by-operator"}`}
      >
        <a class="bubble" href={link("/traffic/websockets", { session: record.session, sel: record.seq })}>
          <Said payload={after ?? payload} />
        </a>
        <span class="turn-foot number">
          {clockTime(record.time)} · {bytes(record.length)}
          {by !== undefined && ` · sent by an operator to the ${other}`}
          {after !== null && ` → ${bytes(after.length)}`}
          {outcome !== "spliced" && outcome !== "passed" && (
            <span class={`badge ${outcomeTone(outcome)}`}>
              {outcome} {outcome === "failed" ? "in" : "by"} {actorOf(record)}
            </span>
          )}
          {outcome !== "spliced" && outcome !== "passed" && (
            <a href={whyLink(record)} aria-label={`Why? Message ${record.sequence} of the ${origin}`}>
              Why?
            </a>
          )}
        </span>
      </article>
      {replies.map((reply, index) => (
        <article key={`r${index}`} class={`turn by-policy ${origin}`}>
          <span class="bubble">
            <Said payload={reply} />
          </span>
          <span class="turn-foot">reply of a policy to the {origin}</span>
        </article>
      ))}
      {appended.map((one, index) => (
        <article key={`a${index}`} class={`turn by-policy ${other}`}>
          <span class="bubble">
            <Said payload={one} />
          </span>
          <span class="turn-foot">sent by a policy to the {other}</span>
        </article>
      ))}
    </>
  );
}

function HookCall({ record }: { readonly record: HookRecord }) {
  const { policy, toClient, toServer, outcome, detail } = record;
  const sent = [
    ...toClient.map((payload) => ({ payload, side: "client" })),
    ...toServer.map((payload) => ({ payload, side: "server" })),
  ];
  return (
    <>
      {sent.map(({ payload, side }, index) => (
        <article key={index} class={`turn by-policy ${side}`}>
          <a class="bubble" href={link("/traffic/websockets", { session: record.session, sel: record.seq })}>
            <Said payload={payload} />
          </a>
          <span class="turn-foot">
            <span class="number">{clockTime(record.time)}</span> · sent by {policy} to the {side} (
            {hookWords(record)})
          </span>
        </article>
      ))}
      {outcome !== "sent" && (
        <p class="turn-note">
          <span class="number">{clockTime(record.time)}</span> {policy} {outcome}
          {detail !== "" && (
            <>
              : <VisibleText text={detail} />
            </>
          )}{" "}
          ({hookWords(record)})
        </p>
      )}
    </>
  );
}

function Said({ payload }: { readonly payload: PayloadView | null }) {
  if (payload === null) return <span class="muted">not kept</span>;
  if (payload.encoding === "base64") {
    const hex = [...toBytes(payload).subarray(0, SHOWN_BYTES)].map((byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    return (
      <>
        <span class="muted">binary </span>
        {hex.join(" ")}
        {payload.length > SHOWN_BYTES && "…"}
      </>
    );
  }
  return (
    <>
      {payload.data
        .slice(0, 600)
        .split(/(?<=[,;])(?! )/)
        .map((part, index) => (
          <Fragment key={index}>
            <VisibleText text={part} />
            <wbr />
          </Fragment>
        ))}
      {(payload.isCut || payload.data.length > 600) && "…"}
    </>
  );
}

/** Who has made of it what it was. */
function actorOf({ steps }: FrameRecord): string {
  const step = steps.findLast(({ action }) => action !== "passed" && action !== "held");
  return step?.by === undefined ? (step?.policy ?? "a policy") : "an operator";
}

function sessionOf(rows: readonly Row[]): string {
  const row = rows.find((one) => one.kind !== "gap");
  return row?.session ?? "";
}
