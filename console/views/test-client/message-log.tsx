import { useLayoutEffect, useRef } from "preact/hooks";
import { Empty } from "../../parts/basics.tsx";
import { bytes, clockTime, elapsed } from "../../parts/format.ts";
import { HexView } from "../../parts/hex-view.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { toJsonLines } from "../../parts/json-lines.ts";
import { JsonView } from "../../parts/json-view.tsx";
import { toBytes } from "../../parts/payload-bytes.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import type { TestClientConnection, TestLogEntry } from "../../state/test-connection.ts";
import { codeName } from "../traffic/words.ts";

export function MessageLog({ connection }: { readonly connection: TestClientConnection }) {
  const scroller = useRef<HTMLDivElement>(null);
  const entries = connection.log.value;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [entries]);
  if (entries.length === 0) {
    return (
      <div class="log">
        <Empty icon="test" title="Talk to a route">
          Connect, then send a message. Replies are here with the time they took, and the session is recorded
          like any other.
        </Empty>
      </div>
    );
  }
  return (
    <div ref={scroller} class="log" role="log" aria-label="Messages" tabIndex={0}>
      {entries.map((entry) => (
        <LogEntry key={entry.id} entry={entry} />
      ))}
    </div>
  );
}

const ICONS: Readonly<Record<TestLogEntry["kind"], IconName>> = {
  sent: "up",
  received: "arrowDown",
  open: "check",
  refused: "warn",
  closed: "end",
  pong: "arrowDown",
  error: "warn",
};

function LogEntry({ entry }: { readonly entry: TestLogEntry }) {
  return (
    <div class={`log-entry ${entry.kind}`}>
      <Icon name={ICONS[entry.kind]} size={14} />
      <div class="log-content">{contentOf(entry)}</div>
      <span class="log-time number">
        {"tookMs" in entry && entry.tookMs !== undefined && <b>{elapsed(entry.tookMs)}</b>}
        {clockTime(entry.time)}
      </span>
    </div>
  );
}

function contentOf(entry: TestLogEntry) {
  switch (entry.kind) {
    case "sent":
    case "received": {
      const lines = entry.encoding === "text" ? toJsonLines(entry.data) : undefined;
      const raw = toBytes(entry);
      return (
        <>
          <span class="sr-only">{entry.kind}</span>
          {entry.encoding === "base64" ? (
            <HexView bytes={raw} />
          ) : lines ? (
            <JsonView lines={lines} />
          ) : (
            <pre class="code wrap">
              {entry.data === "" ? <span class="muted">empty</span> : <VisibleText text={entry.data} />}
            </pre>
          )}
          <span class="muted log-size">{bytes(raw.length)}</span>
        </>
      );
    }
    case "open":
      return (
        <>
          Connected
          {entry.subprotocol !== "" && (
            <>
              {" "}
              with <span class="mono">{entry.subprotocol}</span>
            </>
          )}
          {entry.session !== "" && (
            <>
              {" "}
              as session <a href={`/sessions/${encodeURIComponent(entry.session)}`}>{entry.session}</a>
            </>
          )}
        </>
      );
    case "refused":
      return (
        <>
          Refused with <strong>{entry.status}</strong>. The reason is under{" "}
          <a href="/traffic/http">Traffic, HTTP</a>.
          {entry.body !== "" && (
            <pre class="code wrap">
              <VisibleText text={entry.body.slice(0, 2000)} />
            </pre>
          )}
        </>
      );
    case "closed":
      return (
        <>
          Closed with {entry.code}{" "}
          {codeName(entry.code) !== "" && <span class="muted">{codeName(entry.code)}</span>}
          {entry.reason !== "" && (
            <>
              {" "}
              “<VisibleText text={entry.reason} />”
            </>
          )}
        </>
      );
    case "pong":
      return <>Pong</>;
    case "error":
      return <VisibleText text={entry.text} />;
  }
}
