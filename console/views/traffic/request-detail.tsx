import { useState } from "preact/hooks";
import type { RequestRecord } from "../../../core/traffic/records.ts";
import { Badge, Notice, Tabs } from "../../parts/basics.tsx";
import { address, bytes, fullTime } from "../../parts/format.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { Waterfall } from "../../parts/waterfall/waterfall.tsx";
import { headerOf, redirectOf } from "./answer-headers.ts";
import { Facts } from "./facts.tsx";
import { HeadersTable } from "./headers-table.tsx";
import { NodeLink } from "./node-link.tsx";
import { PolicyPath } from "./policy-path.tsx";
import { spansOfAnswer } from "./timing/answer-spans.ts";
import { statusTone } from "./words.ts";

type Tab = "headers" | "path" | "info";

/** A request without an upgrade. */
export function RequestDetail({ record }: { readonly record: RequestRecord }) {
  const { method, path, httpVersion, status, code, detail, steps, isComplete } = record;
  const { serverRequest, serverResponse } = record;
  const redirect = redirectOf(record);
  const type = headerOf(record.response, "content-type");
  const [tab, setTab] = useState<Tab>("headers");
  return (
    <>
      <Tabs
        label="Of this request"
        current={tab}
        onChange={setTab}
        tabs={[
          ["headers", "Headers"],
          ["path", `Policies ${steps.length}`],
          ["info", "Timing"],
        ]}
      />
      <div class="detail-body" role="tabpanel" tabIndex={0} aria-label="Detail">
        {tab === "headers" && (
          <>
            {code !== "" && (
              <div class="detail-text">
                <Notice tone={status >= 500 ? "bad" : "warn"}>
                  <strong>{code}</strong> {detail}
                </Notice>
              </div>
            )}
            {redirect !== undefined && (
              <div class="detail-text">
                <Notice tone="note">
                  It sends the client to <VisibleText text={redirect} />
                </Notice>
              </div>
            )}
            {code === "" && record.server === "" && status !== 499 && (
              <div class="detail-text">
                <Notice tone="note">The gateway answered it by itself: no server was asked.</Notice>
              </div>
            )}
            {!isComplete && (
              <div class="detail-text">
                <Notice tone="warn">The client has not got all of the answer.</Notice>
              </div>
            )}
            <HeadersTable
              title="Client → gateway"
              line={`${method} ${path} HTTP/${httpVersion}`}
              headers={record.request}
            />
            {serverRequest !== null && (
              <HeadersTable
                title="Gateway → server"
                line={`${method} ${record.server || path}`}
                headers={serverRequest}
              />
            )}
            {serverResponse !== null && (
              <HeadersTable
                title="Server → gateway"
                line={`HTTP/1.1 ${serverResponse.status}`}
                headers={serverResponse.headers}
              />
            )}
            <HeadersTable title="Gateway → client" line={`HTTP/1.1 ${status}`} headers={record.response} />
          </>
        )}
        {tab === "path" && <PolicyPath steps={steps} from="Client" to="Server" totalMs={record.durationMs} />}
        {tab === "info" && (
          <>
            <Waterfall
              label="Where the time went"
              spans={spansOfAnswer(record)}
              totalMs={record.durationMs}
            />
            <Facts
              facts={[
                ["Status", <Badge tone={statusTone(status)}>{status}</Badge>],
                ["Code", code],
                ["Time", fullTime(record.time)],
                ["Host", <span class="mono">{headerOf(record.request, "host")}</span>],
                ["Type of the answer", type && <VisibleText text={type} />],
                ["Body of the request", bytes(record.requestBytes)],
                ["Body of the answer", bytes(record.responseBytes)],
                ["Client", <span class="mono">{address(record.client)}</span>],
                ["Server", <span class="mono">{record.server || "none was asked"}</span>],
                ["Route", record.route || "none"],
                ["Machine", record.node && <NodeLink node={record.node} view="http" />],
                ["Id in the log", <span class="mono">{record.session}</span>],
                ["Record", <span class="mono">{record.seq}</span>],
              ]}
            />
          </>
        )}
      </div>
    </>
  );
}
