import type {
  ExplainedHook,
  ExplainedMessage,
  SessionExplanation,
} from "../../../core/explain/explanation.ts";
import { Badge } from "../../parts/basics.tsx";
import { address, bytes, elapsed, fullTime, number, span } from "../../parts/format.ts";
import { meaningOf } from "../../parts/glossary.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { Waterfall } from "../../parts/waterfall/waterfall.tsx";
import { link } from "../../state/query.ts";
import { Facts } from "../traffic/facts.tsx";
import { PolicyLink } from "../traffic/policy-link.tsx";
import { PolicyPath } from "../traffic/policy-path.tsx";
import { spansOfAnswer } from "../traffic/timing/answer-spans.ts";
import { hookTone, hookWords, outcomeTone, policiesOf, statusTone } from "../traffic/words.ts";
import { EndCard, RefusalCard } from "./end-card.tsx";
import { MessageLink } from "./message-link.tsx";
import { RouteCard } from "./route-card.tsx";

/** What is asked first is first: how it ended. Then from the request on. */
export function SessionStory({ explained }: { readonly explained: SessionExplanation }) {
  const { session, upgrade, route, messages, hooks, hasMore, end } = explained;
  const isRefused = upgrade !== null && upgrade.status !== 101;
  return (
    <>
      {isRefused ? <RefusalCard upgrade={upgrade} /> : <EndCard session={session} end={end} />}
      {upgrade !== null && <RequestCard upgrade={upgrade} />}
      <RouteCard route={route} />
      {upgrade !== null && (
        <section class="card">
          <header>
            <h2>Policies of the upgrade</h2>
          </header>
          <PolicyPath
            steps={upgrade.steps}
            from="Client"
            to="Server"
            totalMs={upgrade.durationMs}
            isStopped={isRefused}
            nobody={
              isRefused
                ? "It was refused before policies were asked."
                : "None of its policies has an upgrade hook."
            }
          />
        </section>
      )}
      {upgrade !== null && upgrade.phases.length > 0 && (
        <section class="card">
          <header>
            <h2>Where the time went</h2>
          </header>
          <Waterfall
            label="Where the time went"
            spans={spansOfAnswer(upgrade)}
            totalMs={upgrade.durationMs}
          />
        </section>
      )}
      {!isRefused && <MessagesCard session={session} messages={messages} hasMore={hasMore} />}
      {hooks.length > 0 && <HooksCard session={session} hooks={hooks} />}
    </>
  );
}

type Upgrade = NonNullable<SessionExplanation["upgrade"]>;

function RequestCard({ upgrade }: { readonly upgrade: Upgrade }) {
  const { method, path, client, time, status, durationMs, server, attributes } = upgrade;
  const set = Object.entries(attributes).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return (
    <section class="card">
      <header>
        <h2>Request</h2>
        <span class="spread" />
        <Badge tone={statusTone(status)}>{status}</Badge>
      </header>
      <p class="mono story-line">
        {method} <VisibleText text={path} />
      </p>
      <Facts
        facts={[
          ["From", <span class="mono">{address(client)}</span>],
          ["Time", fullTime(time)],
          ["Answered after", elapsed(durationMs)],
          ["Server", server === "" ? "" : <span class="mono">{server}</span>],
          ["Attributes", set.length === 0 ? "" : <VisibleText text={set.join(" ")} />],
        ]}
      />
    </section>
  );
}

interface MessagesCardProps extends Pick<SessionExplanation, "session" | "hasMore"> {
  readonly messages: readonly ExplainedMessage[];
}

function MessagesCard({ session, messages, hasMore }: MessagesCardProps) {
  return (
    <section class="card">
      <header>
        <h2>Messages</h2>
        <span class="spread" />
        <span class="muted number">
          {number(messages.length)}
          {hasMore && ", the newest"}
        </span>
      </header>
      {messages.length === 0 ? (
        <p class="muted story-line">None is kept.</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Messages">
          <table class="table">
            <thead>
              <tr>
                <th>Message</th>
                <th>Kind</th>
                <th class="right">After</th>
                <th class="right">Length</th>
                <th class="right">In the gateway</th>
                <th>Outcome</th>
                <th>Policies</th>
              </tr>
            </thead>
            <tbody>
              {messages.map((each) => (
                <tr key={each.seq}>
                  <td>
                    <MessageLink session={session} message={each.message} />
                  </td>
                  <td>{each.kind}</td>
                  <td class="right number">{span(Math.max(0, each.sinceStartMs))}</td>
                  <td class="right number">{bytes(each.length)}</td>
                  <td class="right number">{elapsed(each.durationMs)}</td>
                  <td>
                    <Badge tone={outcomeTone(each.outcome)} title={meaningOf(each.outcome)}>
                      {each.outcome}
                    </Badge>
                  </td>
                  <td>{policiesOf(each.steps)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface HooksCardProps extends Pick<SessionExplanation, "session"> {
  readonly hooks: readonly ExplainedHook[];
}

/** What policies did that no message had asked. */
function HooksCard({ session, hooks }: HooksCardProps) {
  return (
    <section class="card">
      <header>
        <h2>Hooks by time and of renewals</h2>
        <span class="spread" />
        <span class="muted number">{number(hooks.length)}</span>
      </header>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Hooks by time and of renewals">
        <table class="table">
          <thead>
            <tr>
              <th>Hook</th>
              <th class="right">After</th>
              <th>Policy</th>
              <th>Outcome</th>
              <th class="right">To the client</th>
              <th class="right">To the server</th>
              <th>Detail</th>
              <th>Line</th>
            </tr>
          </thead>
          <tbody>
            {hooks.map((each) => (
              <tr key={each.seq}>
                <td>
                  <a href={link("/traffic/websockets", { session, sel: each.seq })}>{hookWords(each)}</a>
                </td>
                <td class="right number">{span(Math.max(0, each.sinceStartMs))}</td>
                <td>
                  <PolicyLink policy={each.policy} version={each.version} />
                </td>
                <td>
                  <Badge tone={hookTone(each.outcome)}>{each.outcome}</Badge>
                </td>
                <td class="right number">{number(each.toClient.length)}</td>
                <td class="right number">{number(each.toServer.length)}</td>
                <td>
                  <VisibleText text={each.detail} />
                </td>
                <td class="mono">{each.place}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
