import { useEffect, useState } from "preact/hooks";
import { Button, Dialog, Notice } from "../../parts/basics.tsx";
import { number, plural } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { CodeField, ReasonField, refuseCode, refuseRate, refuseReason } from "../sessions/close-fields.tsx";
import { type Place, placeTitle } from "./drain-state.ts";

interface DrainDialogProps {
  readonly place: Place;
  readonly onDone: () => void;
}

const DELAY = /^\d+(\.\d+)?(ms|s|m|h)$/;

/** Takes a place out of service: how many sessions it has is asked before anything is done. */
export function DrainDialog({ place, onDone }: DrainDialogProps) {
  const { api, attempt } = useApp();
  const isServer = place.kind === "upstream";
  const [code, setCode] = useState(isServer ? "1012" : "1001");
  const [reason, setReason] = useState(`${isServer ? "server" : place.kind} is draining`);
  const [rate, setRate] = useState("");
  const [delay, setDelay] = useState("");
  const [dry, setDry] = useState<{ readonly count?: number; readonly error?: string }>({});
  const { count } = dry;

  useEffect(() => {
    api.drain(place, { dryRun: true }).then(
      ({ sessions }) => setDry({ count: sessions }),
      (error: Error) => setDry({ error: error.message }),
    );
  }, []);

  const refusal =
    count === undefined
      ? "It is being asked how many sessions it has."
      : delay !== "" && !DELAY.test(delay)
        ? 'A delay is such as "30s" or "5m".'
        : refuseRate(rate) || refuseReason(reason) || refuseCode(Number(code));
  const start = async () => {
    const wish = { code: Number(code), reason, rate: rate || undefined, delay: delay || undefined };
    const said =
      delay === "" ? `Draining ${placeTitle(place)}` : `${placeTitle(place)} is drained in ${delay}`;
    if (await attempt(said, () => api.drain(place, wish))) onDone();
  };

  return (
    <Dialog
      title={`Drain ${placeTitle(place)}`}
      onClose={onDone}
      footer={
        <>
          <Button onClick={onDone}>Leave it in service</Button>
          <Button look="danger" refusal={refusal} onClick={() => void start()}>
            {delay === "" ? "Drain it now" : `Drain it in ${delay}`}
          </Button>
        </>
      }
    >
      {dry.error !== undefined && <Notice tone="bad">{dry.error}</Notice>}
      <p class="steer-count">
        <strong class="number">{count === undefined ? "…" : number(count)}</strong>{" "}
        {count === 1 ? "session is" : "sessions are"} open there now. {WHAT_COMES[place.kind]}
      </p>
      <ReasonField
        label={`Begin later: until then connections are taken${WHO_HEARS[place.kind]}`}
        hint="30s; empty: at once"
        reason={delay}
        onChange={setDelay}
      />
      <ReasonField
        label="At most so many Closes, over all workers"
        hint="50/s; empty: all at once"
        reason={rate}
        onChange={setRate}
      />
      <CodeField code={code} onChange={setCode} />
      <ReasonField label="Reason, which both sides can read" reason={reason} onChange={setReason} />
      {refusal !== "" && count !== undefined && <p class="refusal">{refusal}</p>}
    </Dialog>
  );
}

const WHAT_COMES: Readonly<Record<Place["kind"], string>> = {
  gateway: "New clients get 503 at every route, until the drain is ended.",
  route: "New clients of the route get 503, until the drain is ended.",
  upstream: "New clients go to other servers, or get 503 where there is none, until the drain is ended.",
};

const WHO_HEARS: Readonly<Record<Place["kind"], string>> = {
  gateway: ", and /readyz says no",
  route: ", and /readyz?route=NAME says no",
  upstream: "",
};

/** How far a drain is, for people. */
export function progressWords(done: number, sessions: number): string {
  return `${number(done)} of ${plural(sessions, "session")} closed`;
}
