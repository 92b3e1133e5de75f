import { useEffect } from "preact/hooks";
import { Button } from "../../parts/basics.tsx";
import { Logo } from "../../parts/navigation.tsx";
import { useApp } from "../../state/app.ts";
import "./login.css";

export function UnreachablePage() {
  const { enter } = useApp();
  useEffect(() => {
    const timer = setInterval(() => void enter(), 3000);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="door">
      <div class="door-card">
        <Logo size={40} />
        <h1>The gateway does not answer</h1>
        <p class="muted">
          Nothing came back from <code>{location.host}</code>. See whether the process runs and what its log
          says; this page tries again every three seconds.
        </p>
        <Button look="primary" icon="reload" onClick={() => void enter()}>
          Try now
        </Button>
      </div>
    </main>
  );
}
