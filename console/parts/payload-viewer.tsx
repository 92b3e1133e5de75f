import { useRef, useState } from "preact/hooks";
import type { PayloadView as Payload } from "../../core/traffic/records.ts";
import { CopyButton, Segmented } from "./basics.tsx";
import { FindBar } from "./find/find-bar.tsx";
import { plural, bytes as showBytes } from "./format.ts";
import { HexView } from "./hex-view.tsx";
import { toJsonLines } from "./json-lines.ts";
import { JsonView } from "./json-view.tsx";
import { toBytes, toText } from "./payload-bytes.ts";
import { VisibleText } from "./visible-text.tsx";

type Form = "json" | "text" | "hex";

/** One payload as JSON, text or hex, beginning with what suits it best. */
export function PayloadViewer({ payload, label }: { readonly payload: Payload; readonly label: string }) {
  const lines = payload.encoding === "text" ? toJsonLines(payload.data) : undefined;
  const best: Form = payload.encoding === "base64" ? "hex" : lines === undefined ? "text" : "json";
  const [chosen, setChosen] = useState<Form | undefined>(undefined);
  const form = chosen === "json" && lines === undefined ? best : (chosen ?? best);
  const forms: (readonly [Form, string])[] = [
    ["text", "Text"],
    ["hex", "Hex"],
  ];
  if (lines !== undefined) forms.unshift(["json", "JSON"]);
  const body = useRef<HTMLDivElement>(null);
  return (
    <section class="payload" aria-label={label}>
      <div class="payload-bar">
        <Segmented label={`${label} as`} options={forms} current={form} onChange={setChosen} />
        <span class="muted number">{showBytes(payload.length)}</span>
        {payload.isCut && <span class="badge warn">cut</span>}
        {payload.redactions > 0 && (
          <span class="badge note" title="Replaced by the redaction rules before it was recorded">
            {plural(payload.redactions, "value")} redacted
          </span>
        )}
        <span class="spread" />
        <CopyButton label="Copy the payload" text={() => toText(payload)} />
        {payload.length > 0 && (
          <FindBar
            label={label}
            body={body}
            bytes={form === "hex" ? toBytes(payload) : undefined}
            shown={`${form} ${payload.data}`}
          />
        )}
      </div>
      <div ref={body}>
        {payload.length === 0 ? (
          <p class="payload-empty muted">Empty payload</p>
        ) : form === "json" && lines !== undefined ? (
          <JsonView lines={lines} />
        ) : form === "hex" ? (
          <HexView bytes={toBytes(payload)} />
        ) : (
          <pre class="code wrap">
            <VisibleText text={toText(payload)} />
          </pre>
        )}
      </div>
      {payload.isCut && (
        <p class="payload-empty muted">
          The route keeps less than the whole payload: raise <code>payload</code> of its{" "}
          <code>recording</code> to see the rest.
        </p>
      )}
    </section>
  );
}
