import { useEffect, useState } from "preact/hooks";
import type { SteeringStarted } from "../../../core/admin/api/steering-schema.ts";
import { Button, Dialog, Notice, Segmented } from "../../parts/basics.tsx";
import { number, plural } from "../../parts/format.ts";
import { UnansweredNotice } from "../../parts/unanswered.tsx";
import type { SteeringHow, SteeringWishInput } from "../../state/api.ts";
import { useApp } from "../../state/app.ts";
import { CodeField, ReasonField, refuseCode, refuseRate, refuseReason } from "./close-fields.tsx";

interface SteerDialogProps {
  readonly filter: Readonly<Record<string, string>>;
  readonly onDone: () => void;
}

/** What it would be. */
interface Dry {
  readonly count?: number;
  readonly unanswered?: SteeringStarted["unanswered"];
  readonly error?: string;
}

/** Closes, or sends elsewhere, all sessions that fit: how many that are is asked before anything is done. */
export function SteerDialog({ filter, onDone }: SteerDialogProps) {
  const { api, attempt, live } = useApp();
  const [how, setHow] = useState<SteeringHow>("close");
  const [code, setCode] = useState("1001");
  const [reason, setReason] = useState("");
  const [hint, setHint] = useState("");
  const [message, setMessage] = useState("");
  const [rate, setRate] = useState("");
  const [isAllMeant, setAllMeant] = useState(false);
  const [dry, setDry] = useState<Dry>({});
  const isAll = Object.keys(filter).length === 0;
  const who: Pick<SteeringWishInput, "filter" | "all"> = { filter, all: isAll ? true : undefined };

  useEffect(() => {
    api.steerSessions("close", { ...who, dryRun: true }).then(
      ({ sessions, unanswered }) => setDry({ count: sessions, unanswered }),
      (error: Error) => setDry({ error: error.message }),
    );
  }, []);

  const { count } = dry;
  const isEnding = how === "close" || (how === "move" && hint !== "");
  const verb = isEnding ? "Close" : how === "renew" ? "Renew" : "Tell";
  const refusal =
    count === undefined
      ? "It is being asked how many these are."
      : count === 0
        ? "No session fits."
        : isAll && !isAllMeant
          ? "No filter is set: say that all sessions are meant."
          : refuseRate(rate) !== ""
            ? refuseRate(rate)
            : how === "close"
              ? refuseReason(reason) || refuseCode(Number(code))
              : how === "renew"
                ? ""
                : message === "" && hint === ""
                  ? "Say where to go: a message, a hint, or both."
                  : refuseReason(hint);
  const start = async () => {
    const pace = { ...who, rate: rate || undefined };
    const wish =
      how === "close"
        ? { ...pace, code: Number(code), reason }
        : how === "renew"
          ? pace
          : { ...pace, message: message || undefined, hint: hint || undefined };
    if (
      await attempt(`Begun: ${verb.toLowerCase()} ${plural(count ?? 0, "session")}`, () =>
        api.steerSessions(how, wish),
      )
    )
      onDone();
  };

  return (
    <Dialog
      title={isAll ? "All open sessions" : "Sessions that fit the filter"}
      onClose={onDone}
      footer={
        <>
          <Button onClick={onDone}>Leave them open</Button>
          <Button look={isEnding ? "danger" : "primary"} refusal={refusal} onClick={() => void start()}>
            {verb} {count === undefined ? "…" : plural(count, "session")}
          </Button>
        </>
      }
    >
      {dry.error !== undefined && <Notice tone="bad">{dry.error}</Notice>}
      <UnansweredNotice unanswered={dry.unanswered ?? []} />
      <p class="steer-count">
        <strong class="number">{count === undefined ? "…" : number(count)}</strong>{" "}
        {count === 1 ? "session fits" : "sessions fit"} now. Those that begin later are left alone.
      </p>
      {!isAll && (
        <p class="steer-filter">
          {Object.entries(filter).map(([name, value]) => (
            <span key={name} class="badge attribute">
              {name} <b>{value}</b>
            </span>
          ))}
        </p>
      )}
      <div class="steer-how">
        <Segmented
          label="What is done"
          current={how}
          onChange={setHow}
          options={[
            ["close", "Close them"],
            ["move", "Send them elsewhere"],
            ["renew", "Re-authenticate them"],
          ]}
        />
      </div>
      {how === "renew" && (
        <p>
          The <code>renew</code> hooks of their policies say whether each goes on, and as whom. Without such a
          hook nothing happens.
        </p>
      )}
      {how === "close" && (
        <>
          <CodeField code={code} onChange={setCode} />
          <ReasonField label="Reason, which both sides can read" reason={reason} onChange={setReason} />
        </>
      )}
      {how === "move" && (
        <>
          <ReasonField
            label="Message for each client, in a form that it understands"
            hint='{"type":"reconnect"}'
            reason={message}
            onChange={setMessage}
          />
          <ReasonField
            label="Hint: then Close 1012 with it as the reason"
            hint="wss://eu.example.com"
            reason={hint}
            onChange={setHint}
          />
        </>
      )}
      <ReasonField
        label="At most so many, over all workers and machines"
        hint="50/s; empty: all at once"
        reason={rate}
        onChange={setRate}
      />
      {isAll && (
        <label class="check-field">
          <input
            type="checkbox"
            checked={isAllMeant}
            onChange={(event) => setAllMeant(event.currentTarget.checked)}
          />{" "}
          All sessions of {live.info.value?.node ? "all machines" : "this gateway"} are meant
        </label>
      )}
      {refusal !== "" && count !== undefined && <p class="refusal">{refusal}</p>}
    </Dialog>
  );
}
