import { useState } from "preact/hooks";
import type { RouteView } from "../../../core/admin/api/api-schema.ts";
import { Button, Dialog, Notice } from "../../parts/basics.tsx";
import { number } from "../../parts/format.ts";
import { useApp, useWriteAccess } from "../../state/app.ts";

interface RouteSwitchProps {
  readonly route: RouteView;
  readonly onChange: () => void;
}

/** Whether a route takes connections. Off, it closes those that are open: that is asked first. */
export function RouteSwitch({ route: { name, isEnabled, sessions }, onChange }: RouteSwitchProps) {
  const { api, attempt } = useApp();
  const { mayWrite, reason } = useWriteAccess();
  const [isAsked, setAsked] = useState(false);
  const flip = async () => {
    setAsked(false);
    const text = isEnabled ? `${name} takes no new connections` : `${name} takes connections again`;
    await attempt(text, () => api.switchRoute(name, !isEnabled));
    onChange();
  };
  const press = () => {
    if (!mayWrite) return;
    if (isEnabled) setAsked(true);
    else void flip();
  };
  return (
    <>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={isEnabled}
        aria-label={`${name} takes connections`}
        aria-disabled={mayWrite ? undefined : "true"}
        title={mayWrite ? "Off: new connections are refused, open ones end with 1001" : reason}
        onClick={press}
      />
      {isAsked && (
        <Dialog
          title={`Take ${name} out of service?`}
          onClose={() => setAsked(false)}
          footer={
            <>
              <Button onClick={() => setAsked(false)}>Leave it on</Button>
              <Button look="danger" onClick={() => void flip()}>
                {sessions === 0 ? "Switch it off" : `Switch it off and close ${number(sessions)}`}
              </Button>
            </>
          }
        >
          <p>
            <strong class="number">{number(sessions)}</strong>{" "}
            {sessions === 1 ? "session is" : "sessions are"} open there now: each is closed at once with 1001.
            New connections get 404 until it is switched on again.
          </p>
          <Notice tone="note">
            To close them at a rate, <a href="/drains">drain the route</a> instead.
          </Notice>
        </Dialog>
      )}
    </>
  );
}
