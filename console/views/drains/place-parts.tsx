import { Badge, WriteButton } from "../../parts/basics.tsx";
import { clockTime } from "../../parts/format.ts";
import { useApp } from "../../state/app.ts";
import { progressWords } from "./drain-dialog.tsx";
import { type Place, type PlaceState, placeTitle } from "./drain-state.ts";

/** How a place stands, with how far its drain has come. */
export function StateCell({ state }: { readonly state: PlaceState }) {
  switch (state.word) {
    case "serving":
      return <Badge tone="good">in service</Badge>;
    case "waiting":
      return (
        <>
          <Badge tone="warn">drains at {clockTime(state.at).replace(/\.\d+$/, "")}</Badge>{" "}
          <span class="muted">still takes connections</span>
        </>
      );
    case "covered":
      return <Badge tone="warn">drained {state.by}</Badge>;
    case "drained": {
      const { closing } = state;
      if (closing === undefined) return <Badge tone="warn">drained</Badge>;
      const words = progressWords(closing.done, closing.sessions);
      return (
        <span class="drain-progress">
          <Badge tone="warn">draining</Badge>
          <progress max={closing.sessions} value={closing.sessions - closing.left} aria-label={words} />
          <span class="number muted">{words}</span>
        </span>
      );
    }
  }
}

interface PlaceButtonProps {
  readonly place: Place;
  readonly state: PlaceState;
  readonly onAsk: (place: Place) => void;
  readonly onEnded: () => void;
}

/** Begins a drain, by way of a dialog, or ends it. */
export function PlaceButton({ place, state, onAsk, onEnded }: PlaceButtonProps) {
  const { api, attempt } = useApp();
  const name = placeTitle(place);
  if (state.word === "serving" || state.word === "covered")
    return (
      <WriteButton label={`Drain ${name}`} onClick={() => onAsk(place)}>
        Drain…
      </WriteButton>
    );
  const word = state.word === "waiting" ? "Take back" : "End drain";
  const said = state.word === "waiting" ? `${name} stays in service` : `${name} takes connections again`;
  const end = async () => {
    if (await attempt(said, () => api.endDrain(place))) onEnded();
  };
  return (
    <WriteButton
      icon="undo"
      label={state.word === "waiting" ? `${word} the drain of ${name}` : `${word} of ${name}`}
      onClick={() => void end()}
    >
      {word}
    </WriteButton>
  );
}
