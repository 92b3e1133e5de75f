import { useEffect, useState } from "preact/hooks";
import type { PolicyView } from "../../../../core/admin/api/api-schema.ts";
import type { TrialOrder, TrialView } from "../../../../core/admin/api/trials/trial-schema.ts";
import type { TrafficRecord } from "../../../../core/traffic/records.ts";
import { Empty, Notice } from "../../../parts/basics.tsx";
import { useApp } from "../../../state/app.ts";
import { useQuery } from "../../../state/query.ts";
import { RunForm } from "./run-form.tsx";
import { RunResult } from "./run-result.tsx";
import "./run.css";

/** A policy on a message outside of traffic: of a record that the address names, or of what somebody writes. */
export function RunView({ policy }: { readonly policy: PolicyView }) {
  const { api } = useApp();
  const [{ seq }] = useQuery();
  const [record, setRecord] = useState<TrafficRecord | undefined>(undefined);
  const [problem, setProblem] = useState("");
  const [result, setResult] = useState<TrialView | undefined>(undefined);
  const [isRunning, setRunning] = useState(false);
  useEffect(() => {
    setRecord(undefined);
    if (seq === undefined) return;
    api.record(Number(seq)).then(setRecord, () => setProblem(`Record ${seq} is not kept any more.`));
  }, [seq]);

  if (policy.versions.length === 0) {
    return (
      <Empty icon="policies" title="There is no version to run">
        None ever loaded: what is wrong with its file stands under Now.
      </Empty>
    );
  }

  const run = async (order: TrialOrder) => {
    setRunning(true);
    setProblem("");
    try {
      setResult(await api.runPolicy(policy.name, order));
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setRunning(false);
    }
  };
  const isWaiting = seq !== undefined && record === undefined && problem === "";
  return (
    <div class="run">
      <section class="run-form" aria-label="What is run">
        {!isWaiting && (
          <RunForm
            key={record?.seq ?? 0}
            policy={policy}
            record={record}
            isRunning={isRunning}
            onRun={(order) => void run(order)}
          />
        )}
      </section>
      <section class="run-result" aria-label="What came of it" aria-live="polite" aria-busy={isRunning}>
        {problem !== "" && <Notice tone="bad">{problem}</Notice>}
        {result !== undefined ? (
          <RunResult result={result} />
        ) : (
          problem === "" && (
            <Empty icon="play" title="Nothing was run yet">
              It runs in a sandbox of its own, beside traffic: what it says goes nowhere, and what it asks for
              is not performed.
            </Empty>
          )
        )}
      </section>
    </div>
  );
}
