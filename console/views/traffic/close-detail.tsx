import type { CloseRecord } from "../../../core/traffic/records.ts";
import { address, bytes, fullTime, number, span } from "../../parts/format.ts";
import { VisibleText } from "../../parts/visible-text.tsx";
import { Facts } from "./facts.tsx";
import { NodeLink } from "./node-link.tsx";
import { PolicyLink } from "./policy-link.tsx";
import { closeWords, codeName, legCodeWords } from "./words.ts";

/** The ledger's entry: who closed this, and why. */
export function CloseDetail({ record }: { readonly record: CloseRecord }) {
  const { messages, initiator, detail, reason, policy, codes } = record;
  return (
    <div class="detail-body" tabIndex={0} role="region" aria-label="Who closed it">
      <p class="verdict">{closeWords(record)}</p>
      <Facts
        facts={[
          ["Code", `${record.code}${codeName(record.code) === "" ? "" : ` · ${codeName(record.code)}`}`],
          ["Reason", reason === "" ? "" : <VisibleText text={reason} />],
          ["Who", initiator],
          ["Cause", record.cause],
          ["Detail", detail === "" || detail === policy ? "" : <VisibleText text={detail} />],
          ["Policy", policy === "" ? "" : <PolicyLink policy={policy} version={record.version} />],
          ["Rule", record.rule === "" ? "" : <VisibleText text={record.rule} />],
          ["Client", legCodeWords(codes.client)],
          ["Server", legCodeWords(codes.server)],
          ["Time", fullTime(record.time)],
          ["Session was open for", span(record.durationMs)],
          [
            "Messages",
            `${number(messages.client)} from the client, ${number(messages.server)} from the server`,
          ],
          [
            "Bytes",
            `${bytes(record.bytes.client)} from the client, ${bytes(record.bytes.server)} from the server`,
          ],
          ["Client's address", <span class="mono">{address(record.client)}</span>],
          ["Server's address", <span class="mono">{record.server}</span>],
          ["Route", record.route],
          ["Machine", record.node && <NodeLink node={record.node} view="http" />],
          ["Session", <span class="mono">{record.session}</span>],
        ]}
      />
    </div>
  );
}
