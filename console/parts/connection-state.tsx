import { useApp } from "../state/app.ts";
import { Icon } from "./icon.tsx";

export function ConnectionState() {
  const { live } = useApp();
  const state = live.state.value;
  const info = live.info.value;
  const [tone, text] =
    state.kind === "live"
      ? ["good", "Live"]
      : state.kind === "waiting" && state.attempts > 2
        ? ["bad", "Offline"]
        : ["warn", state.kind === "connecting" ? "Connecting" : "Reconnecting"];
  return (
    <div class="connection" role="status">
      <span class={`dot ${tone}`} />
      <span>{text}</span>
      {info && <span class="muted connection-version">v{info.version}</span>}
    </div>
  );
}

/** Over the page and not in it: nothing moves when the connection goes. */
export function ConnectionStrip() {
  const { live, clock } = useApp();
  const state = live.state.value;
  if (state.kind !== "waiting") return null;
  const seconds = Math.max(0, Math.ceil((state.retryAt - clock.value) / 1000));
  return (
    <div class="strip" role="alert">
      <Icon name="warn" />
      <span>
        {state.attempts > 2 ? (
          <>
            <strong>No answer from {location.host}.</strong> What you see is from before. See whether the
            gateway runs, and its log.
          </>
        ) : (
          <strong>Reconnecting to the gateway…</strong>
        )}
      </span>
      <button type="button" class="button" onClick={live.retryNow}>
        Try now{seconds > 0 ? ` (${seconds} s)` : ""}
      </button>
    </div>
  );
}
