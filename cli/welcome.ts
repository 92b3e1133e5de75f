import { relative } from "node:path";
import type { Address, GatewayConfig, SourceOrigin } from "../core/config/index.ts";
import type { Gateway } from "../core/index.ts";
import { showReference } from "../core/net/oci-reference.ts";

export interface Welcome {
  readonly addresses: Gateway["addresses"];
  readonly config: GatewayConfig;
  readonly isEcho: boolean;
  /** Policies look at requests, and may ask for a subprotocol. */
  readonly asksRequests?: boolean;
  /** What stands behind the address of the console. */
  readonly fragment?: string;
}

/** What `framegate dev` says when it is ready: where to connect, what to try, where the policies are. */
export function describeGateway({
  addresses,
  config,
  isEcho,
  asksRequests = false,
  fragment = "",
}: Welcome): string {
  const path = examplePath(config.routes[0]?.path ?? "/");
  const urls = addresses.listen.map(({ socket, tls, ...address }) =>
    socket === undefined
      ? `${tls ? "wss" : "ws"}://${formatAddress(address)}${path}`
      : `ws+unix:${socket}:${path}`,
  );
  const scheme = config.console !== false && config.console.tls !== undefined ? "https" : "http";
  const lines = [
    "",
    "  Framegate is ready.",
    "",
    ...urls.map((url) => `  Connect    ${url}`),
    `  Try        npx -y wscat -c ${urls[0]}`,
    ...(asksRequests
      ? ["             with -s NAME where a policy asks for a subprotocol, as lenses do,"]
      : []),
    '             and type {"text":"hi"}',
    `  Policies   ${wordPolicies(config)}`,
    ...(addresses.console === undefined
      ? []
      : [`  Console    ${scheme}://${formatAddress(addresses.console)}/${fragment}`]),
    ...(config.cluster === undefined
      ? []
      : [`  Fleet      ${config.cluster.name}, in which this is ${config.cluster.node}`]),
    ...(isEcho ? ["  Upstream   the embedded echo server: every message comes back"] : []),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function wordPolicies({ policiesDir, source }: GatewayConfig): string {
  if (source === undefined) return `${relative(process.cwd(), policiesDir) || "."}   (saved is live)`;
  return `from ${wordOrigin(source.from)}   (looked at every ${source.everyMs / 1000} s)`;
}

function wordOrigin(from: SourceOrigin): string {
  switch (from.kind) {
    case "folder":
      return relative(process.cwd(), from.folder) || ".";
    case "http":
      return from.url;
    case "git":
      return `${from.url}#${from.ref}`;
    case "oci":
      return showReference(from.reference);
  }
}

/** A path that the route matches: `/rooms/:id/*` → `/rooms/id/`. */
function examplePath(path: string): string {
  return path.replace(/\*$/, "").replace(/:/g, "");
}

/** An address to connect to: one that stands for every interface is shown as loopback. */
function formatAddress({ host, port }: Address): string {
  if (host === "0.0.0.0") return `127.0.0.1:${port}`;
  if (host === "::") return `[::1]:${port}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
