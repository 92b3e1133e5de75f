import { useState } from "preact/hooks";
import type { PayloadView, PolicyStep } from "../../../../core/traffic/records.ts";
import { Segmented } from "../../../parts/basics.tsx";
import { DiffView } from "../../../parts/diff-view.tsx";
import { bytes } from "../../../parts/format.ts";
import { toBytes } from "../../../parts/payload-bytes.ts";
import { PayloadViewer } from "../../../parts/payload-viewer.tsx";
import type { StepChange } from "./step-changes.ts";
import "./step-payloads.css";

interface StepPayloadsProps {
  readonly change: StepChange;
  readonly action: PolicyStep["action"];
  /** Of whom: the policy, or an operator. */
  readonly who: string;
}

/** As the policy, or the operator, of a step is called here. */
export function whoOf({ policy, by, action }: PolicyStep): Pick<StepPayloadsProps, "who" | "action"> {
  return { who: by ?? policy, action };
}

type Look = "diff" | "in" | "out";

const LOOKS = [
  ["diff", "Diff"],
  ["in", "In"],
  ["out", "Out"],
] as const satisfies readonly (readonly [Look, string])[];

/** The message as one policy got it, and as it went on from there. */
export function StepPayloads({ change, action, who }: StepPayloadsProps) {
  const { changed, input, output } = change;
  const [look, setLook] = useState<Look>("diff");
  if (!changed) {
    const words = UNCHANGED[action];
    return words === "" ? null : <p class="step-words muted">{words}</p>;
  }
  if (input === null || output === null) {
    return (
      <p class="step-words muted">
        It made another message of it, of which nothing is kept: with <code>recording.payload</code> more than
        0 it is here.
      </p>
    );
  }
  return (
    <div class="path-more">
      <div class="step-head">
        <Segmented label={`What ${who} got and made`} options={LOOKS} current={look} onChange={setLook} />
        <span class="muted number">
          {bytes(input.length)} → {bytes(output.length)}
        </span>
      </div>
      <CutWords parts={look === "in" ? [input] : look === "out" ? [output] : [input, output]} />
      {look === "diff" ? (
        <DiffView before={input} after={output} />
      ) : (
        <PayloadViewer
          payload={look === "in" ? input : output}
          label={look === "in" ? "As it got it" : "As it made it"}
        />
      )}
    </div>
  );
}

function CutWords({ parts }: { readonly parts: readonly PayloadView[] }) {
  const cut = parts.find(({ isCut }) => isCut);
  if (cut === undefined) return null;
  return (
    <p class="step-words muted">
      Of {bytes(cut.length)} the first {bytes(toBytes(cut).length)} are kept, as{" "}
      <code>recording.payload</code> says: what is behind them is not seen here.
    </p>
  );
}

const UNCHANGED = {
  passed: "It went on as it came.",
  replied: "",
  appended: "It went on as it came, with more behind it.",
  replaced: "",
  dropped: "It went no further.",
  closed: "It went no further.",
  rejected: "",
  held: "It went on as it came.",
  failed: "",
} as const satisfies Record<PolicyStep["action"], string>;
