import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { HookRecord } from "../../../core/traffic/records.ts";
import { Badge, Tabs } from "../../parts/basics.tsx";
import { elapsed, fullTime } from "../../parts/format.ts";
import { toJsonLines } from "../../parts/json-lines.ts";
import { JsonView } from "../../parts/json-view.tsx";
import { PayloadViewer } from "../../parts/payload-viewer.tsx";
import { VisibleText } from "../../parts/visible-text.tsx";
import { Facts } from "./facts.tsx";
import { NodeLink } from "./node-link.tsx";
import { PolicyLink } from "./policy-link.tsx";
import { hookTone, hookWords } from "./words.ts";

type Tab = "sent" | "attributes" | "call";

/** What a policy said that no message had asked. */
export function HookDetail({ record }: { readonly record: HookRecord }) {
  const { toClient, toServer, attributes, expires, detail, place, rule } = record;
  const sent = toClient.length + toServer.length;
  const tabs: (readonly [Tab, ComponentChildren])[] = [];
  if (sent > 0) tabs.push(["sent", `Sent ${sent}`]);
  if (Object.keys(attributes).length > 0) tabs.push(["attributes", "Attributes"]);
  tabs.push(["call", "Call"]);
  const [tab, setTab] = useState<Tab>(tabs[0]![0]);
  return (
    <>
      <Tabs label="Of this call" tabs={tabs} current={tab} onChange={setTab} />
      <div class="detail-body" role="tabpanel" tabIndex={0} aria-label="Detail">
        {tab === "sent" && (
          <>
            {toClient.map((payload, index) => (
              <PayloadViewer key={`c${index}`} payload={payload} label="To the client" />
            ))}
            {toServer.map((payload, index) => (
              <PayloadViewer key={`s${index}`} payload={payload} label="To the server" />
            ))}
          </>
        )}
        {tab === "attributes" && <JsonView lines={toJsonLines(JSON.stringify(attributes)) ?? []} />}
        {tab === "call" && (
          <Facts
            facts={[
              ["Outcome", <Badge tone={hookTone(record.outcome)}>{record.outcome}</Badge>],
              ["Policy", <PolicyLink policy={record.policy} version={record.version} />],
              ["Called", hookWords(record)],
              ["Detail", detail === "" ? "" : <VisibleText text={detail} />],
              ["Place", place === "" ? "" : <VisibleText text={place} />],
              ["Rule", rule === "" ? "" : <VisibleText text={rule} />],
              ["Expires", expires === null ? "" : fullTime(expires)],
              ["Time", fullTime(record.time)],
              ["Took", record.durationMs === 0 ? "" : elapsed(record.durationMs)],
              ["Late by", record.lateMs === 0 ? "" : elapsed(record.lateMs)],
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
