import { relative } from "node:path";
import type { Address, GatewayConfig, SourceConfig } from "../core/config/index.ts";
import type { Gateway } from "../core/index.ts";
import { showReference } from "../core/net/oci-reference.ts";
import { showRepository, wayToShow } from "../core/net/shown-url.ts";
import { showDuration } from "../core/terminal/duration.ts";
import { createPaint, type Paint, type TextRole } from "../core/terminal/style.ts";
import type { PolicyState } from "../policies/reload/policy-state.ts";
import { showControls } from "../policies/shown-text.ts";
import { type FirstCall, firstCall } from "./terminal/first-call/first-call.ts";

export interface Welcome {
  readonly addresses: Gateway["addresses"];
  readonly config: GatewayConfig;
  /** What the embedded echo server stands in for: all routes, or one. */
  readonly echo?: boolean | string | undefined;
  readonly policies?: readonly PolicyState[];
  /** What stands behind the address of the console. */
  readonly fragment?: string;
  /** What has gone wrong already. */
  readonly troubles?: readonly string[];
  /** Since the command was given. */
  readonly tookMs?: number;
  readonly hasKeys?: boolean;
  readonly paint?: Paint;
}

/** What `framegate dev` says when it is ready: where to connect, what to try, where the policies are. */
export function describeGateway(welcome: Welcome): string {
  const { addresses, config, echo, policies = [], fragment = "", troubles = [], tookMs } = welcome;
  const paint = welcome.paint ?? createPaint(false);
  const call = firstCall(config, policies);
  const urls = addresses.listen.map(({ socket, tls, ...address }) =>
    socket === undefined
      ? `${tls ? "wss" : "ws"}://${formatAddress(address)}${call.path}`
      : `ws+unix:${socket}:${call.path}`,
  );
  // Paths, flags and troubles are also what policies say of themselves.
  const row = (name: string, text: string, role?: TextRole): string => {
    const shown = showControls(text);
    return `  ${paint("aside", name.padEnd(10))} ${role === undefined ? shown : paint(role, shown)}`;
  };
  const took = tookMs === undefined ? "" : paint("aside", ` It took ${showDuration(tookMs)}.`);
  const lines = [
    "",
    `  ${paint("good", "Framegate is ready.")}${took}`,
    "",
    ...urls.map((url) => row("Connect", url, "subject")),
    ...wordTry(call, urls[0] ?? "").map((text, index) => row(index === 0 ? "Try" : "", text)),
    row("Policies", wordPolicies(config)),
    ...(addresses.console === undefined
      ? []
      : [row("Console", consoleUrl(config, addresses.console, fragment), "subject")]),
    ...(config.cluster === undefined
      ? []
      : [row("Fleet", `${config.cluster.name}, in which this is ${config.cluster.node}`)]),
    ...(echo === undefined ? [] : [row("Upstream", wordEcho(echo))]),
    ...(welcome.hasKeys ? [row("Keys", "h shows them")] : []),
    ...troubles.map((text, index) => row(index === 0 ? "But" : "", text.split("\n")[0] ?? "", "error")),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

export function consoleUrl({ console }: GatewayConfig, address: Address, fragment: string): string {
  const scheme = console !== false && console.tls !== undefined ? "https" : "http";
  return `${scheme}://${formatAddress(address)}/${fragment}`;
}

function wordTry({ flags, message, protocol, asks }: FirstCall, url: string): string[] {
  const target = /[?&]/.test(url) ? `"${url}"` : url;
  if (message === undefined) return [`a client of ${protocol}: its messages cannot be typed`];
  return [
    ["npx -y wscat -c", target, ...flags].join(" "),
    ...(asks ? ["with what your upgrade hooks ask for: -H 'NAME: VALUE', -s SUBPROTOCOL,"] : []),
    `and type ${message}`,
  ];
}

function wordEcho(echo: boolean | string): string {
  const what = "the embedded echo server: every message comes back";
  return typeof echo === "string" ? `of ${echo} ${what}` : what;
}

function wordPolicies(config: GatewayConfig): string {
  const { policiesDir, source } = config;
  if (source === undefined) return `${relative(process.cwd(), policiesDir) || "."}   (saved is live)`;
  return `from ${wordOrigin(source, config)}   (looked at every ${source.everyMs / 1000} s)`;
}

function wordOrigin({ from }: SourceConfig, { secretTexts }: GatewayConfig): string {
  switch (from.kind) {
    case "folder":
      return relative(process.cwd(), from.folder) || ".";
    case "http":
      return wayToShow("source.http", secretTexts)(from.url);
    case "git":
      return showRepository(from.url, from.ref);
    case "oci":
      return showReference(from.reference);
  }
}

/** An address to connect to: one that stands for every interface is shown as loopback. */
function formatAddress({ host, port }: Address): string {
  if (host === "0.0.0.0") return `127.0.0.1:${port}`;
  if (host === "::") return `[::1]:${port}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
