import { useState } from "preact/hooks";
import type { UpgradeRecord } from "../../../core/traffic/records.ts";
import { Badge, Notice, Tabs } from "../../parts/basics.tsx";
import { address, fullTime } from "../../parts/format.ts";
import { toJsonLines } from "../../parts/json-lines.ts";
import { JsonView } from "../../parts/json-view.tsx";
import { Waterfall } from "../../parts/waterfall/waterfall.tsx";
import { Facts } from "./facts.tsx";
import { HeadersTable } from "./headers-table.tsx";
import { NodeLink } from "./node-link.tsx";
import { PolicyPath } from "./policy-path.tsx";
import { spansOfAnswer } from "./timing/answer-spans.ts";
import { statusTone } from "./words.ts";

type Tab = "headers" | "path" | "attributes" | "info";

export function UpgradeDetail({ record }: { readonly record: UpgradeRecord }) {
  const { steps, serverRequest, serverResponse, attributes } = record;
  const [tab, setTab] = useState<Tab>("headers");
  const attributeLines = toJsonLines(JSON.stringify(attributes)) ?? [];
  const asked = `${record.method} ${record.path} HTTP/${record.httpVersion}`;
  return (
    <>
      <Tabs
        label="Of this upgrade"
        current={tab}
        onChange={setTab}
        tabs={[
          ["headers", "Headers"],
          ["path", `Policies ${steps.length}`],
          ["attributes", "Attributes"],
          ["info", "Timing"],
        ]}
      />
      <div class="detail-body" role="tabpanel" tabIndex={0} aria-label="Detail">
        {tab === "headers" && (
          <>
            {record.code !== "" && (
              <div class="detail-text">
                <Notice tone={record.status >= 500 ? "bad" : "warn"}>
                  <strong>{record.code}</strong> {record.detail}
                </Notice>
              </div>
            )}
            <HeadersTable title="Client → gateway" line={asked} headers={record.request} />
            {serverRequest !== null && (
              <HeadersTable title="Gateway → server" line={`GET ${record.server}`} headers={serverRequest} />
            )}
            {serverResponse !== null && (
              <HeadersTable
                title="Server → gateway"
                line={`HTTP/1.1 ${serverResponse.status}`}
                headers={serverResponse.headers}
              />
            )}
            <HeadersTable
              title="Gateway → client"
              line={`HTTP/1.1 ${record.status}`}
              headers={record.response}
            />
          </>
        )}
        {tab === "path" && <PolicyPath steps={steps} from="Client" to="Server" totalMs={record.durationMs} />}
        {tab === "attributes" &&
          (attributeLines.length > 1 ? (
            <JsonView lines={attributeLines} />
          ) : (
            <p class="detail-text muted">
              No upgrade hook has set any: return attributes from one to see them here.
            </p>
          ))}
        {tab === "info" && (
          <>
            <Waterfall
              label="Where the time went"
              spans={spansOfAnswer(record)}
              totalMs={record.durationMs}
            />
            <Facts
              facts={[
                ["Status", <Badge tone={statusTone(record.status)}>{record.status}</Badge>],
                ["Code", record.code],
                ["Time", fullTime(record.time)],
                ["Client", <span class="mono">{address(record.client)}</span>],
                ["Server", <span class="mono">{record.server || "none was dialled"}</span>],
                ["Route", record.route || "none"],
                ["Machine", record.node && <NodeLink node={record.node} view="http" />],
                ["Subprotocol", record.subprotocol],
                ["Extensions", record.extensions],
                ["Session", <span class="mono">{record.session}</span>],
                ["Record", <span class="mono">{record.seq}</span>],
              ]}
            />
          </>
        )}
      </div>
    </>
  );
}
