import { render } from "preact";
import { LocationProvider } from "preact-iso";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/code.css";
import "./styles/layout.css";
import "./styles/virtual.css";
import { Shell } from "./shell.tsx";
import { AppContext, createApp } from "./state/app.ts";

const app = createApp();
void app.enter();

render(
  <AppContext.Provider value={app}>
    <LocationProvider>
      <Shell />
    </LocationProvider>
  </AppContext.Provider>,
  document.getElementById("app")!,
);
