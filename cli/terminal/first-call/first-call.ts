import type { GatewayConfig, PolicyUse, RouteConfig } from "../../../core/config/index.ts";
import type { PolicyState } from "../../../policies/reload/policy-state.ts";
import { credentialsFor } from "./credentials.ts";
import { findProtocol } from "./protocols.ts";
import { sampleValue } from "./sample-value.ts";

/** What a client has to say so that the first route lets it in, and its policies its first message. */
export interface FirstCall {
  /** Behind the address. */
  readonly path: string;
  /** Options of `wscat`. */
  readonly flags: readonly string[];
  /** What to type; undefined: it cannot be typed. */
  readonly message: string | undefined;
  /** The protocol of its messages; "" where there is none by name. */
  readonly protocol: string;
  /** Its `upgrade` hooks are somebody's own: nobody else knows what they ask for. */
  readonly asks: boolean;
}

const MESSAGE = '{"text":"hi"}';
const JSON_SCHEMA = "@framegate/standard/json-schema";

export function firstCall(
  { routes, listen }: Pick<GatewayConfig, "routes" | "listen">,
  policies: readonly PolicyState[],
): FirstCall {
  const route = routes.find(({ enabled }) => enabled);
  const uses = usesOf(route, policies);
  const used = policies.filter(({ name }) => uses.some(({ use }) => use === name));
  const protocol = findProtocol(used.map(({ current }) => current?.bundle.code ?? ""));
  const shown = uses.map(credentialsFor);
  const query = shown.map((each) => each.query).filter((each) => each !== "");
  const subprotocol = protocol?.subprotocol ?? requiredSubprotocol(route);
  return {
    path: `${examplePath(route?.path ?? pathBrought(policies))}${query.length > 0 ? `?${query.join("&")}` : ""}`,
    flags: [
      ...(subprotocol === undefined ? [] : [`-s ${subprotocol}`]),
      ...flagsOfRoute(route),
      ...flagsOfListener(listen[0]),
      ...shown.flatMap(({ flags }) => flags),
    ],
    message: protocol === undefined ? messageFor(uses) : protocol.message,
    protocol: protocol?.subprotocol ?? "",
    asks: protocol === undefined && used.some(asksRequests),
  };
}

function usesOf(route: RouteConfig | undefined, policies: readonly PolicyState[]): readonly PolicyUse[] {
  if (route === undefined || route.policies === "*")
    return policies.map(({ name }) => ({ use: name, options: {}, enabled: true }));
  return route.policies.filter(({ enabled }) => enabled);
}

function asksRequests({ name, current }: PolicyState): boolean {
  return !name.startsWith("@framegate/") && current?.exports.hooks.includes("upgrade") === true;
}

/** Of the first policy that brings a route. */
function pathBrought(policies: readonly PolicyState[]): string {
  const routes = policies.map(({ current }) => current?.exports.route as { path?: unknown } | undefined);
  const path = routes.find((route) => typeof route?.path === "string")?.path;
  return typeof path === "string" ? path : "/";
}

/** A path that the route matches: `/rooms/:id/*` → `/rooms/id/`. */
function examplePath(path: string): string {
  return path.replace(/\*$/, "").replace(/:/g, "");
}

function requiredSubprotocol(route: RouteConfig | undefined): string | undefined {
  const { isRequired = false, prefer = [], allow = [] } = route?.subprotocols ?? {};
  return isRequired ? (prefer[0] ?? allow[0]) : undefined;
}

function flagsOfRoute(route: RouteConfig | undefined): string[] {
  const { hosts = [], headers = {} } = route?.match ?? {};
  const { allow = [], isRequired = false } = route?.origins ?? {};
  const origin = isRequired ? allow.find((each) => /^[a-z]+:/.test(each)) : undefined;
  return [
    ...hosts.slice(0, 1).map((host) => `-H "Host: ${host.replace("*", "any")}"`),
    ...Object.entries(headers).map(([name, value]) => `-H "${name}: ${value}"`),
    ...(origin === undefined ? [] : [`-o ${origin.replace("*.", "any.").replace(":*", "")}`]),
  ];
}

/** A certificate for development is signed by nobody that others trust. */
function flagsOfListener(listener: GatewayConfig["listen"][number] | undefined): string[] {
  if (listener?.tls === undefined) return [];
  return ["-n", ...(listener.tls.clientCertificate === "require" ? ["--cert CERT.pem --key KEY.pem"] : [])];
}

function messageFor(uses: readonly PolicyUse[]): string {
  const schema = uses.find(({ use }) => use === JSON_SCHEMA)?.options.client;
  return schema === undefined ? MESSAGE : JSON.stringify(sampleValue(schema));
}
