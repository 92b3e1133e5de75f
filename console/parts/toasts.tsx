import { useApp } from "../state/app.ts";
import { Icon } from "./icon.tsx";

export function Toasts() {
  const { toasts } = useApp();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === "good" ? "check" : "warn"} />
          <span>{text}</span>
        </div>
      ))}
    </div>
  );
}
