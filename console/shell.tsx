import { useEffect } from "preact/hooks";
import { Route, Router, useLocation } from "preact-iso";
import { Empty } from "./parts/basics.tsx";
import { ConnectionStrip } from "./parts/connection-state.tsx";
import { FileBar } from "./parts/files/file-bar.tsx";
import { useFileDrop } from "./parts/files/use-open-file.ts";
import { HelpDialog } from "./parts/help-dialog.tsx";
import { Navigation, PLACES } from "./parts/navigation.tsx";
import { ProblemBar } from "./parts/problems/problem-bar.tsx";
import { useShortcuts } from "./parts/shortcuts.ts";
import { Toasts } from "./parts/toasts.tsx";
import { useApp } from "./state/app.ts";
import { Drains } from "./views/drains/drains.tsx";
import { FleetPage } from "./views/fleet/fleet.tsx";
import { LoginPage } from "./views/login/login-page.tsx";
import { UnreachablePage } from "./views/login/unreachable-page.tsx";
import { Overview } from "./views/overview/overview.tsx";
import { Policies } from "./views/policies/policies.tsx";
import { Sessions } from "./views/sessions/sessions.tsx";
import { TestClient } from "./views/test-client/test-client.tsx";
import { HttpTraffic, WebSocketTraffic } from "./views/traffic/traffic.tsx";
import { Why } from "./views/why/why.tsx";

/** Who may come in sees the console, others what they can do about it. */
export function Shell() {
  const app = useApp();
  switch (app.access.value) {
    case "asking":
      return <div class="splash" role="status" aria-label="Loading" />;
    case "login":
      return <LoginPage />;
    case "unreachable":
      return <UnreachablePage />;
    case "in":
      return <Frame />;
  }
}

function Frame() {
  const { isHelpOpen, file } = useApp();
  const { path } = useLocation();
  useShortcuts();
  useFileDrop();
  useEffect(() => {
    const place = PLACES.find(({ path: start }) => path.startsWith(start));
    document.title = place === undefined ? "Framegate" : `${place.title} · Framegate`;
  }, [path]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation />
      <main id="main" tabIndex={-1}>
        <ProblemBar />
        <FileBar />
        <Router key={file.value?.id}>
          <Route path="/" component={Overview} />
          <Route path="/overview" component={Overview} />
          <Route path="/traffic/http" component={HttpTraffic} />
          <Route path="/traffic/websockets" component={WebSocketTraffic} />
          <Route path="/sessions/:id/why/:message?" component={Why} />
          <Route path="/sessions/:id?" component={Sessions} />
          <Route path="/policies/:name?/:tab?" component={Policies} />
          <Route path="/drains" component={Drains} />
          <Route path="/fleet" component={FleetPage} />
          <Route path="/test-client" component={TestClient} />
          <Route default component={NotFound} />
        </Router>
      </main>
      <ConnectionStrip />
      <Toasts />
      {isHelpOpen.value && <HelpDialog />}
    </div>
  );
}

function NotFound() {
  return (
    <Empty icon="search" title="There is no such page" actions={<a href="/overview">Go to the overview</a>}>
      The address may be of another version of the console.
    </Empty>
  );
}
