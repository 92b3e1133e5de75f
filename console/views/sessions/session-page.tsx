import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { SessionView } from "../../../core/admin/api/api-schema.ts";
import type { SessionRenewalView } from "../../../core/admin/api/sessions/session-renewal-schema.ts";
import type { CloseRecord, UpgradeRecord } from "../../../core/traffic/records.ts";
import { SayDialog } from "../../parts/acting/say-dialog.tsx";
import { Ago, Badge, Loading, Notice, WriteButton } from "../../parts/basics.tsx";
import { address, bytes, fullTime, plural, span } from "../../parts/format.ts";
import { toJsonLines } from "../../parts/json-lines.ts";
import { JsonView } from "../../parts/json-view.tsx";
import { ApiError } from "../../state/api.ts";
import { useApp } from "../../state/app.ts";
import { useLoaded } from "../../state/loaded.ts";
import { link } from "../../state/query.ts";
import { createTrafficWindow } from "../../state/traffic-window.ts";
import { Facts } from "../traffic/facts.tsx";
import { closeWords, whyLink } from "../traffic/words.ts";
import { CloseDialog } from "./close-dialog.tsx";
import { Conversation } from "./conversation.tsx";

const SESSION_KINDS = ["upgrade", "frame", "hook", "close"] as const;

/** What is said of a session that does not go on as one that has been asked. */
const RENEWAL_WORDS: Readonly<Partial<Record<SessionRenewalView["outcome"], string>>> = {
  closed: "A policy has closed it.",
  failed: "A `renew` hook has failed: the log says why.",
  ended: "It ended before its policies had answered.",
  held: "It has no server yet: its policies are asked once it has.",
  "no-hook": "None of its policies exports `renew`.",
};

export function SessionPage({ id }: { readonly id: string }) {
  const { api, live, attempt, file } = useApp();
  const [isClosing, setClosing] = useState(false);
  const [isSaying, setSaying] = useState(false);
  const isEnded = useSignal(false);
  const [loaded] = useLoaded(() => api.session(id), [id], isEnded.value ? 0 : 2000);
  const { value: session, error } = loaded.value;
  const isGone = error instanceof ApiError && error.status === 404;
  useEffect(() => {
    isEnded.value = isGone;
  }, [isGone]);
  const window = useMemo(
    () =>
      createTrafficWindow({
        api,
        live,
        isOfFile: file.peek() !== undefined,
        kinds: SESSION_KINDS,
        filter: { session: id },
        maxRows: 2000,
      }),
    [id, live.info.value?.startedAt],
  );
  useEffect(() => () => window.dispose(), [window]);
  window.version.value;
  const close = window.rows.findLast((row): row is CloseRecord => row.kind === "close");
  const upgrade = window.rows.find((row): row is UpgradeRecord => row.kind === "upgrade");
  // The record of its end is here before anybody has asked for the session again.
  const isOpen = session !== undefined && !isGone && close === undefined;
  useEffect(() => {
    if (!isOpen) setClosing(false);
  }, [isOpen]);
  const isKnown = [session, upgrade, close, error].some((each) => each !== undefined);
  const isElsewhere = session !== undefined && session.node !== (live.info.value?.node ?? session.node);
  const renew = async () => {
    const { outcome } = await api.renewSession(id);
    const words = RENEWAL_WORDS[outcome];
    if (words !== undefined) throw new Error(`Session ${id}: ${words}`);
  };
  return (
    <>
      <header class="page-head">
        <a class="crumb" href="/sessions">
          Sessions
        </a>
        <span class="muted">/</span>
        <h1 class="mono">{id}</h1>
        <StateBadge isOpen={isOpen} isGone={isGone} close={close} error={error} />
        <span class="spread" />
        <a class="button" href={`/sessions/${encodeURIComponent(id)}/why`}>
          Why?
        </a>
        <a class="button" href={link("/traffic/websockets", { session: id })}>
          In WebSockets
        </a>
        <WriteButton
          icon="test"
          title="Send a message to one side of it"
          refusal={isOpen ? "" : "This session has ended."}
          onClick={() => setSaying(true)}
        >
          Send…
        </WriteButton>
        <WriteButton
          title="Ask its policies whether it goes on as it is"
          refusal={isOpen ? "" : "This session has ended."}
          onClick={() => void attempt(`Session ${id} goes on: its policies have been asked`, renew)}
        >
          Re-authenticate
        </WriteButton>
        <WriteButton
          look="danger"
          icon="end"
          label="Close this session"
          refusal={isOpen ? "" : "This session has ended."}
          onClick={() => setClosing(true)}
        >
          Close
        </WriteButton>
      </header>
      {isElsewhere && (
        <div class="session-notice">
          <Notice tone="note">
            This session is on <strong>{session.node}</strong>: what is recorded of it is there, in that
            machine’s console.
          </Notice>
        </div>
      )}
      {isOpen && <HoldNotice session={session} />}
      <div class="session">
        <Conversation
          window={window}
          isOpen={isOpen}
          route={isElsewhere ? undefined : (session?.route ?? upgrade?.route)}
        />
        <aside class="session-side" aria-label="Facts of the session">
          {close && !isOpen && (
            <p class="session-end">
              {closeWords(close)} <Ago time={close.time} /> <a href={whyLink(close)}>Why?</a>
            </p>
          )}
          {isKnown ? (
            <SessionFacts session={isOpen ? session : undefined} upgrade={upgrade} close={close} />
          ) : (
            <Loading />
          )}
        </aside>
      </div>
      {isSaying && isOpen && (
        <SayDialog session={id} to="client" payload={null} onDone={() => setSaying(false)} />
      )}
      {isClosing && isOpen && <CloseDialog id={id} onDone={() => setClosing(false)} />}
    </>
  );
}

interface StateBadgeProps {
  readonly isOpen: boolean;
  /** The gateway says that no such session is open. */
  readonly isGone: boolean;
  readonly close: CloseRecord | undefined;
  readonly error: Error | undefined;
}

function StateBadge({ isOpen, isGone, close, error }: StateBadgeProps) {
  if (close !== undefined) return <Badge>ended {close.code}</Badge>;
  if (isGone) return <Badge>ended</Badge>;
  if (error !== undefined)
    return (
      <Badge tone="warn" title={error.message}>
        not known now
      </Badge>
    );
  return isOpen ? <Badge tone="good">open</Badge> : null;
}

/** What an operator holds of it, or that nothing of it can be held. */
function HoldNotice({ session: { id, held, isHoldable } }: { readonly session: SessionView }) {
  const { holds } = useApp();
  const isMeant = (holds.view.value?.breakpoints.length ?? 0) > 0;
  if (held === 0 && (isHoldable || !isMeant)) return null;
  return (
    <div class="session-notice">
      {held > 0 ? (
        <Notice tone="warn">
          {plural(held, "message")} of this session {held === 1 ? "is" : "are"} held:{" "}
          <a href={link("/traffic/websockets", { session: id, hold: "1" })}>release, edit or drop</a>.
        </Notice>
      ) : (
        <Notice tone="note">
          Breakpoints hold nothing of this session: its messages are compressed, and each depends on those
          before it.
        </Notice>
      )}
    </div>
  );
}

interface SessionFactsProps {
  readonly session: SessionView | undefined;
  readonly upgrade: UpgradeRecord | undefined;
  readonly close: CloseRecord | undefined;
}

function SessionFacts({ session, upgrade, close }: SessionFactsProps) {
  const attributes = session?.attributes ?? upgrade?.attributes ?? {};
  const lines = toJsonLines(JSON.stringify(attributes)) ?? [];
  const messages = session?.messages ?? close?.messages;
  const sent = session?.bytes ?? close?.bytes;
  const startedAt = session?.startedAt ?? upgrade?.time;
  return (
    <>
      <Facts
        facts={[
          ["Machine", session?.node],
          ["Route", session?.route ?? upgrade?.route ?? close?.route],
          ["Path", <span class="mono">{session?.path ?? upgrade?.path}</span>],
          [
            "Client",
            <span class="mono">{address(session?.client ?? upgrade?.client ?? close?.client ?? "")}</span>,
          ],
          [
            "Server",
            session?.server === "" ? (
              <Badge tone="warn">waits for a server</Badge>
            ) : (
              <span class="mono">{session?.server ?? upgrade?.server ?? close?.server}</span>
            ),
          ],
          ["Subprotocol", session?.subprotocol],
          ["Extensions", session?.extensions],
          [
            "Opened",
            startedAt === undefined ? (
              ""
            ) : (
              <span title={fullTime(startedAt)}>
                <Ago time={startedAt} />
              </span>
            ),
          ],
          [
            "From the client",
            messages && sent ? `${plural(messages.client, "message")}, ${bytes(sent.client)}` : "",
          ],
          [
            "From the server",
            messages && sent ? `${plural(messages.server, "message")}, ${bytes(sent.server)}` : "",
          ],
          ["Idle for", session ? <span class="number">{span(session.idleMs)}</span> : ""],
          ["Waiting", session ? bytes(session.bufferedBytes.client + session.bufferedBytes.server) : ""],
        ]}
      />
      <h2 class="session-heading">Attributes</h2>
      {lines.length > 1 ? (
        <JsonView lines={lines} />
      ) : (
        <p class="muted session-note">None were set by an upgrade hook.</p>
      )}
    </>
  );
}
