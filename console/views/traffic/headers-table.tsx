import type { UpgradeRecord } from "../../../core/traffic/records.ts";
import { VisibleText } from "../../parts/visible-text.tsx";

interface HeadersTableProps {
  readonly title: string;
  readonly line: string;
  readonly headers: UpgradeRecord["request"];
}

export function HeadersTable({ title, line, headers }: HeadersTableProps) {
  return (
    <section class="headers">
      <h3>{title}</h3>
      <p class="mono headers-line">
        <VisibleText text={line} />
      </p>
      <dl>
        {headers.map(([name, value], index) => (
          <div key={index}>
            <dt class="mono">
              <VisibleText text={name} />
            </dt>
            <dd class="mono">
              <VisibleText text={value} />
            </dd>
          </div>
        ))}
      </dl>
      {headers.length === 0 && <p class="muted">No headers were kept.</p>}
    </section>
  );
}
