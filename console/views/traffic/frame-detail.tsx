import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { FrameRecord } from "../../../core/traffic/records.ts";
import { Badge, Tabs } from "../../parts/basics.tsx";
import { DiffView } from "../../parts/diff-view.tsx";
import { bytes, elapsed, fullTime, number } from "../../parts/format.ts";
import { meaningOf } from "../../parts/glossary.ts";
import { PayloadViewer } from "../../parts/payload-viewer.tsx";
import { Waterfall } from "../../parts/waterfall/waterfall.tsx";
import { RunLink } from "../policies/run/run-link.tsx";
import { Facts } from "./facts.tsx";
import { NodeLink } from "./node-link.tsx";
import { PolicyPath } from "./policy-path.tsx";
import { changesOf } from "./steps/step-changes.ts";
import { StepPayloads, whoOf } from "./steps/step-payloads.tsx";
import { spansOfMessage, wholeOfMessage } from "./timing/message-spans.ts";
import { opcodeName, outcomeTone } from "./words.ts";

type Tab = "payload" | "diff" | "after" | "sent" | "path" | "time" | "info";

export function FrameDetail({ record }: { readonly record: FrameRecord }) {
  const { payload, after, replies, appended, steps } = record;
  const more = replies.length + appended.length;
  const tabs: (readonly [Tab, ComponentChildren])[] = [["payload", after === null ? "Payload" : "Before"]];
  if (after !== null) tabs.push(["after", "After"]);
  if (after !== null && payload !== null) tabs.unshift(["diff", "Diff"]);
  if (more > 0) tabs.push(["sent", `Replies ${more}`]);
  tabs.push(["path", `Policies ${steps.length}`]);
  if (steps.length > 0) tabs.push(["time", "Timing"]);
  tabs.push(["info", "Frame"]);
  const changes = changesOf(record);
  const [tab, setTab] = useState<Tab>(tabs[0]![0]);
  const [from, to] =
    record.origin === "client" ? (["Client", "Server"] as const) : (["Server", "Client"] as const);
  return (
    <>
      <Tabs label="Of this frame" tabs={tabs} current={tab} onChange={setTab} />
      <div class="detail-body" role="tabpanel" tabIndex={0} aria-label="Detail">
        {tab === "diff" && <DiffView before={payload!} after={after!} />}
        {tab === "payload" &&
          (payload !== null ? (
            <PayloadViewer payload={payload} label="Payload" />
          ) : (
            <p class="detail-text muted">
              {record.length === 0 ? (
                "The frame has no payload."
              ) : (
                <>
                  The route keeps no payloads: set <code>recording.payload</code> to see{" "}
                  {bytes(record.length)} here.
                </>
              )}
            </p>
          ))}
        {tab === "after" && <PayloadViewer payload={after!} label="After" />}
        {tab === "sent" && (
          <>
            {replies.map((reply, index) => (
              <PayloadViewer key={`r${index}`} payload={reply} label={`Reply to the ${record.origin}`} />
            ))}
            {appended.map((payload, index) => (
              <PayloadViewer
                key={`a${index}`}
                payload={payload}
                label={`Appended for the ${to.toLowerCase()}`}
              />
            ))}
          </>
        )}
        {tab === "path" && (
          <PolicyPath
            {...{ steps, from, to, totalMs: record.durationMs }}
            more={(index) => <StepPayloads change={changes[index]!} {...whoOf(steps[index]!)} key={index} />}
            beside={(index) => <RunLink policy={steps[index]?.policy ?? ""} seq={record.seq} />}
          />
        )}
        {tab === "time" && (
          <Waterfall
            label="Where the time went"
            spans={spansOfMessage(record)}
            totalMs={wholeOfMessage(record)}
          />
        )}
        {tab === "info" && (
          <Facts
            facts={[
              [
                "Outcome",
                <Badge tone={outcomeTone(record.outcome)} title={meaningOf(record.outcome)}>
                  {record.outcome}
                </Badge>,
              ],
              ["Sent by", record.by && `an operator, in the name of the ${record.origin}`],
              ["Time", fullTime(record.time)],
              ["In the gateway", elapsed(record.durationMs)],
              ["Opcode", `${record.opcode} (${opcodeName(record.opcode)})`],
              ["FIN", record.fin ? "yes" : "no, more follows"],
              ["Frames", record.frames === 1 ? "" : number(record.frames)],
              ["Compressed", record.isCompressed ? "yes" : "no"],
              ["Mask key", <span class="mono">{record.maskKey ?? "not masked"}</span>],
              ["Length", `${number(record.length)} bytes`],
              ["Sequence", number(record.sequence)],
              ["Route", record.route],
              ["Machine", record.node && <NodeLink node={record.node} view="websockets" />],
              ["Session", <span class="mono">{record.session}</span>],
              ["Record", <span class="mono">{record.seq}</span>],
            ]}
          />
        )}
      </div>
    </>
  );
}
