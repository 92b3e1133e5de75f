import type { EndingCall, SessionExplanation } from "../../../core/explain/explanation.ts";
import { Badge } from "../../parts/basics.tsx";
import { number, span } from "../../parts/format.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { Facts } from "../traffic/facts.tsx";
import { PolicyLink } from "../traffic/policy-link.tsx";
import { closeTone, closeWords, codeName, legCodeWords, statusTone } from "../traffic/words.ts";
import { MessageLink } from "./message-link.tsx";

interface RefusalCardProps {
  readonly upgrade: NonNullable<SessionExplanation["upgrade"]>;
}

export function RefusalCard({ upgrade: { status, code, detail } }: RefusalCardProps) {
  return (
    <section class="card story-lead">
      <h2>
        <Badge tone={statusTone(status)}>{status}</Badge> It was refused: {code}
      </h2>
      {detail !== "" && (
        <p class="muted">
          <VisibleText text={detail} />
        </p>
      )}
    </section>
  );
}

export function EndCard({ session, end }: Pick<SessionExplanation, "session" | "end">) {
  if (end === null)
    return (
      <section class="card story-lead">
        <h2>It is open, or its end is not kept</h2>
      </section>
    );
  const { code, reason, cause, detail, policy, version, rule, codes, messages, call } = end;
  return (
    <section class="card story-lead">
      <h2>
        <Badge tone={closeTone(end)}>{code}</Badge> {closeWords(end)}
      </h2>
      <Facts
        facts={[
          ["Code", [String(code), codeName(code)].filter((each) => each !== "").join(" · ")],
          ["Reason", reason === "" ? "" : <VisibleText text={reason} />],
          ["Cause", cause],
          ["Detail", detail === "" || detail === policy ? "" : <VisibleText text={detail} />],
          ["Policy", policy === "" ? "" : <PolicyLink policy={policy} version={version} />],
          ["Call", call === null ? "" : <EndedBy session={session} call={call} />],
          ["Rule", rule === "" ? "" : <VisibleText text={rule} />],
          ["Client", legCodeWords(codes.client)],
          ["Server", legCodeWords(codes.server)],
          ["Was open for", span(end.durationMs)],
          [
            "Messages",
            `${number(messages.client)} from the client, ${number(messages.server)} from the server`,
          ],
        ]}
      />
    </section>
  );
}

interface EndedByProps extends Pick<SessionExplanation, "session"> {
  readonly call: EndingCall;
}

function EndedBy({ session, call: { message, hook, outcome, detail, place } }: EndedByProps) {
  return (
    <>
      {message !== "" && (
        <>
          <MessageLink session={session} message={message} />,{" "}
        </>
      )}
      {hook} hook {outcome === "closed" ? "closed it" : "failed"}
      {outcome === "failed" && detail !== "" && (
        <>
          : <VisibleText text={detail} />
        </>
      )}
      {place !== "" && (
        <>
          , <span class="mono">{place}</span>
        </>
      )}
    </>
  );
}
