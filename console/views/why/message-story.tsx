import type { MessageExplanation } from "../../../core/explain/explanation.ts";
import { Badge } from "../../parts/basics.tsx";
import { bytes, elapsed, fullTime, plural } from "../../parts/format.ts";
import { PayloadViewer } from "../../parts/payload-viewer.tsx";
import { Waterfall } from "../../parts/waterfall/waterfall.tsx";
import { PolicyPath } from "../traffic/policy-path.tsx";
import { StepPayloads, whoOf } from "../traffic/steps/step-payloads.tsx";
import { spansOfMessage, wholeOfMessage } from "../traffic/timing/message-spans.ts";
import { outcomeTone } from "../traffic/words.ts";

/** One message on its way: what came, what each policy made of it, what left. */
export function MessageStory({ explained }: { readonly explained: MessageExplanation }) {
  const { origin, outcome, payload, sent, steps, replies, appended, kind, length, time } = explained;
  const [from, to] = origin === "client" ? (["Client", "Server"] as const) : (["Server", "Client"] as const);
  const how = [
    kind,
    bytes(length),
    explained.frames > 1 && plural(explained.frames, "frame"),
    explained.isCompressed && "compressed",
    fullTime(time),
  ].filter((each) => each !== false);
  return (
    <>
      <section class="card story-lead">
        <h2>
          <Badge tone={outcomeTone(outcome)}>{outcome}</Badge> after {elapsed(explained.durationMs)} in the
          gateway
          {steps.length > 0 && `, ${elapsed(explained.waitedMs)} of it waiting`}
        </h2>
        <p class="muted">{how.join(" · ")}</p>
      </section>
      <section class="card">
        <header>
          <h2>
            {explained.by === undefined
              ? `It came from the ${origin}`
              : `An operator sent it in the name of the ${origin}`}
          </h2>
        </header>
        {payload === null ? (
          <p class="muted story-line">The route keeps no payloads.</p>
        ) : (
          <PayloadViewer payload={payload} label="As it came" />
        )}
      </section>
      <section class="card">
        <header>
          <h2>What policies did</h2>
        </header>
        <PolicyPath
          steps={steps}
          from={from}
          to={to}
          totalMs={explained.durationMs}
          isStopped={["dropped", "closed", "failed"].includes(outcome) && sent === null}
          more={(index) => {
            const step = steps[index]!;
            return <StepPayloads change={step} {...whoOf(step)} />;
          }}
        />
      </section>
      {steps.length > 0 && (
        <section class="card">
          <header>
            <h2>Where the time went</h2>
          </header>
          <Waterfall
            label="Where the time went"
            spans={spansOfMessage(explained)}
            totalMs={wholeOfMessage(explained)}
          />
        </section>
      )}
      {sent !== null && outcome === "replaced" && (
        <section class="card">
          <header>
            <h2>It left for the {to.toLowerCase()}</h2>
          </header>
          <PayloadViewer payload={sent} label="As it left" />
        </section>
      )}
      {[...replies.entries()].map(([index, reply]) => (
        <section class="card" key={`r${index}`}>
          <header>
            <h2>A policy replied to the {origin}</h2>
          </header>
          <PayloadViewer payload={reply} label={`Reply ${index + 1}`} />
        </section>
      ))}
      {[...appended.entries()].map(([index, message]) => (
        <section class="card" key={`a${index}`}>
          <header>
            <h2>A policy added for the {to.toLowerCase()}</h2>
          </header>
          <PayloadViewer payload={message} label={`Added message ${index + 1}`} />
        </section>
      ))}
    </>
  );
}
