import { useLocation } from "preact-iso";
import { type Theme, useApp } from "../state/app.ts";
import { HeldCount } from "./acting/held-count.tsx";
import { Button } from "./basics.tsx";
import { ConnectionState } from "./connection-state.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { ProblemCount } from "./problems/problem-count.tsx";

interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** After `g`. */
  readonly key: string;
}

export const PLACES: readonly Place[] = [
  { path: "/overview", title: "Overview", icon: "overview", key: "o" },
  { path: "/traffic/http", title: "HTTP", icon: "http", key: "h" },
  { path: "/traffic/websockets", title: "WebSockets", icon: "frames", key: "w" },
  { path: "/sessions", title: "Sessions", icon: "sessions", key: "s" },
  { path: "/policies", title: "Policies", icon: "policies", key: "p" },
  { path: "/drains", title: "Drains", icon: "drain", key: "d" },
  { path: "/fleet", title: "Fleet", icon: "fleet", key: "f" },
  { path: "/test-client", title: "Test client", icon: "test", key: "t" },
];

export function Navigation() {
  const { live, isHelpOpen, leave } = useApp();
  const info = live.info.value;
  const isInFleet = info !== undefined && info.node !== "";
  return (
    <header class="rail">
      <a class="brand" href="/overview" aria-label="Framegate">
        <Logo />
        <span>Framegate</span>
      </a>
      <nav aria-label="Views">
        {PLACES.filter(({ path }) => path !== "/fleet" || isInFleet).map((place) => (
          <NavLink key={place.path} place={place} />
        ))}
      </nav>
      <div class="rail-foot">
        <ConnectionState />
        <div class="rail-tools">
          <ThemeButton />
          <Button
            icon="help"
            look="quiet"
            label="Keys and words"
            title="Keys and words (?)"
            onClick={() => {
              isHelpOpen.value = true;
            }}
          />
          {info?.needsLogin && (
            <Button icon="out" look="quiet" label="Sign out" onClick={() => void leave()} />
          )}
          {info?.role === "reader" && (
            <span class="badge note" title="You may look, and change nothing">
              reader
            </span>
          )}
        </div>
      </div>
    </header>
  );
}

function NavLink({ place }: { readonly place: Place }) {
  const { path } = useLocation();
  const isHere = path.startsWith(place.path) || (path === "/" && place.path === "/overview");
  const group = place.path === "/traffic/http" ? "Traffic" : undefined;
  return (
    <>
      {group && <span class="rail-group">{group}</span>}
      <a
        class={`rail-link${place.path.startsWith("/traffic") ? " nested" : ""}`}
        href={place.path}
        aria-current={isHere ? "page" : undefined}
        title={`${place.title} (g ${place.key})`}
      >
        <Icon name={place.icon} />
        <span class="name">{place.title}</span>
        {place.path === "/overview" && <ProblemCount />}
        {place.path === "/traffic/websockets" && <HeldCount />}
      </a>
    </>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Readonly<Record<Theme, IconName>> = { system: "system", light: "sun", dark: "moon" };

function ThemeButton() {
  const { theme } = useApp();
  const current = theme.value;
  return (
    <Button
      icon={THEME_ICON[current]}
      look="quiet"
      label={`Colours: ${current === "system" ? "as the system" : current}`}
      onClick={() => {
        theme.value = NEXT_THEME[current];
      }}
    />
  );
}

export function Logo({ size = 24 }: { readonly size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M12 7H9.500A2.500 2.500 0 0 0 7 9.500v13A2.500 2.500 0 0 0 9.500 25H12M20 7h2.500A2.500 2.500 0 0 1 25 9.500v13a2.500 2.500 0 0 1-2.500 2.500H20" />
      <circle cx="16" cy="16" r="3.200" />
    </svg>
  );
}
