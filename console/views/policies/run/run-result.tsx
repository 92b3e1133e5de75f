import type { ComponentChildren } from "preact";
import type { TrialView } from "../../../../core/admin/api/trials/trial-schema.ts";
import { Badge, type Tone } from "../../../parts/basics.tsx";
import { DiffView } from "../../../parts/diff-view.tsx";
import { elapsed } from "../../../parts/format.ts";
import { toJsonLines } from "../../../parts/json-lines.ts";
import { JsonView } from "../../../parts/json-view.tsx";
import { PayloadViewer } from "../../../parts/payload-viewer.tsx";
import { VisibleText } from "../../../parts/visible-text.tsx";

/** The verdict first, then what the two sides would have got, then what the policy logged and asked for. */
export function RunResult({ result }: { readonly result: TrialView }) {
  const { hook, action, detail, stack, version, route, status, close } = result;
  return (
    <>
      <header class="run-verdict">
        <Badge tone={TONES[action]}>{action}</Badge>
        <strong>{hook}</strong>
        <span class="muted mono" title="Version">
          {version.slice(0, 8)}
        </span>
        {route !== "" && <span class="muted">as on {route}</span>}
        <span class="spread" />
        <span class="muted number" title="In a sandbox that has run nothing before: more than in traffic">
          {elapsed(result.durationMs)}
        </span>
      </header>
      {status !== null && <p class="run-line">The client gets {status}.</p>}
      {close !== null && (
        <p class="run-line">
          Closed with {close.code} <VisibleText text={close.reason} />
        </p>
      )}
      {detail !== "" && close === null && (
        <p class={`run-line${action === "failed" ? " is-bad" : ""}`}>
          <VisibleText text={detail} />
        </p>
      )}
      {stack !== "" && (
        <pre class="code frame" tabIndex={0} role="region" aria-label="Where it failed">
          {stack}
        </pre>
      )}
      <Message result={result} />
      <Sent result={result} />
      {result.verdict !== null && result.verdict !== undefined && <Verdict verdict={result.verdict} />}
      {result.logs.length > 0 && (
        <Part title="Console">
          <ul class="run-lines mono">
            {result.logs.map(({ level, text }, index) => (
              <li key={index}>
                <Badge tone={LEVELS[level]}>{level}</Badge> <VisibleText text={text} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {result.asks.length > 0 && (
        <Part title="Not performed">
          <ul class="run-lines">
            {result.asks.map(({ kind, ask, answer, message }, index) => (
              <li key={index}>
                <span class="mono">
                  {kind} <VisibleText text={ask} />
                </span>{" "}
                <span class="muted">
                  {answer === "refused" ? <VisibleText text={message} /> : ANSWERS[answer]}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <ul class="run-notes muted">
        {result.notes.map((note) => (
          <li key={note}>{note.replaceAll("`", "")}</li>
        ))}
      </ul>
    </>
  );
}

/** What its receiver would have got. */
function Message({ result: { hook, before, after } }: { readonly result: TrialView }) {
  if (before === null) return null;
  const receiver = hook === "client" ? "server" : "client";
  if (after === null) return <p class="run-line">The {receiver} gets nothing.</p>;
  const isSame = before.data === after.data && before.encoding === after.encoding;
  return (
    <Part title={isSame ? `The ${receiver} gets it as it came` : `The ${receiver} gets`}>
      {isSame ? <PayloadViewer payload={after} label="After" /> : <DiffView before={before} after={after} />}
    </Part>
  );
}

function Sent({ result: { toClient, toServer } }: { readonly result: TrialView }) {
  return (
    <>
      {toClient.map((payload, index) => (
        <Part key={`c${index}`} title="To the client">
          <PayloadViewer payload={payload} label={`To the client ${index + 1}`} />
        </Part>
      ))}
      {toServer.map((payload, index) => (
        <Part key={`s${index}`} title="To the server">
          <PayloadViewer payload={payload} label={`To the server ${index + 1}`} />
        </Part>
      ))}
    </>
  );
}

function Verdict({ verdict }: { readonly verdict: unknown }) {
  const lines = toJsonLines(JSON.stringify(verdict)) ?? [];
  return (
    <Part title="Verdict">
      <JsonView lines={lines} />
    </Part>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="run-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const TONES: Readonly<Record<TrialView["action"], Tone>> = {
  ...{ passed: "", skipped: "", replaced: "note", replied: "accent", appended: "client" },
  ...{ dropped: "warn", held: "warn", closed: "bad", rejected: "bad", failed: "bad" },
  ...{ sent: "accent", renewed: "note" },
};

const LEVELS: Readonly<Record<TrialView["logs"][number]["level"], Tone>> = {
  ...{ debug: "", info: "", warn: "warn", error: "bad" },
};

const ANSWERS: Readonly<Record<Exclude<TrialView["asks"][number]["answer"], "refused">, string>> = {
  recorded: "answered as it was recorded",
  empty: "answered by a store that began empty",
  placeholder: "got a placeholder",
  swallowed: "told to nobody",
};
