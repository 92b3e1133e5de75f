/** Sessions, routes and policies of the same platform; some of its policies have problems. */

import type { PolicyView, RouteView, SessionView } from "../../../core/admin/api/api-schema.ts";
import type { EndedRolloutView, RolloutView } from "../../../core/admin/api/rollout-schema.ts";
import type { ShadowView } from "../../../core/admin/api/shadow-schema.ts";
import { chains, clientOf, createDraw, paths, pick, routeNames, routeOf, servers } from "./records.ts";

export function makeSessions(now: number): SessionView[] {
  const draw = createDraw(3);
  return Array.from({ length: 24 }, (_, index) => {
    const id = `${1 + Math.floor(index / 12)}-${(40 + (index % 12)).toString(36)}`;
    const route = routeOf(id);
    const count = Math.floor(draw() * 5000);
    return {
      id,
      node: `gate-${1 + (index % 3)}`,
      route,
      path: paths[route]!,
      client: clientOf(id),
      server: index === 3 ? "" : servers[route]!,
      subprotocol: route === "trading" ? "orders.v2" : "",
      extensions: "",
      startedAt: now - draw() * 7_200_000,
      messages: { client: count, server: count * 3 },
      bytes: { client: count * 110, server: count * 3 * 90 },
      bufferedBytes: { client: 0, server: draw() < 0.1 ? 48_000 : 0 },
      held: index === 2 ? 2 : 0,
      isHoldable: index !== 5,
      idleMs: draw() * 9000,
      attributes: { user: pick(draw, ["ada", "linus", "grace"]), plan: pick(draw, ["free", "pro"]) },
    };
  });
}

export function makeRoutes(): RouteView[] {
  return routeNames.map((name, index) => ({
    name,
    path: paths[name]!.replace(/\?.*/, ""),
    host: name === "chat" ? "chat.example.com" : "",
    upstream: servers[name]!,
    policies: [...chains[name]!],
    isEnabled: true,
    source: name === "telemetry" ? "device-route" : "config",
    isRecorded: true,
    sessions: 6 * (4 - index),
    messages: { client: 41_200 * (4 - index), server: 160_400 * (4 - index) },
    bytes: { client: 4_600_000 * (4 - index), server: 15_000_000 * (4 - index) },
  }));
}

const noHook = {
  unchanged: 0,
  replaced: 0,
  dropped: 0,
  replied: 0,
  appended: 0,
  closed: 0,
  rejected: 0,
  faults: 0,
  skipped: 0,
  when: null,
  everyMs: null,
};

/** A version of `auth` that half of the way is before. */
export function makeRollouts(now: number): RolloutView[] {
  const numbers = { calls: 212, faults: 0, sessions: 57, closes: 1, p99Ms: 1.9 };
  const none = { calls: 0, faults: 0, sessions: 0, closes: 0, p99Ms: null };
  return [
    {
      ...{ policy: "auth", state: "on its way", version: "c2709b1e", stable: "4f3a91c0" },
      ...{ share: 0.05, step: 1, steps: [0.05, 0.25, 1], at: now - 90_000, everyMs: 300_000, minCalls: 100 },
      ...{ canary: numbers, before: { ...numbers, calls: 3980, sessions: 1031 }, rule: "", reason: "" },
      shadow: { calls: 3612, differs: 4 },
      fleet: {
        machines: [
          { node: "gate-1", state: "taking part", seenMs: 300, canary: numbers },
          { node: "gate-2", state: "waiting", seenMs: 200, canary: none },
          { node: "gate-3", state: "silent", seenMs: 41_000, canary: none },
        ],
        problem: "",
      },
    },
  ];
}

/** One of `order-limits` did harm. */
export function makeEndedRollouts(now: number): EndedRolloutView[] {
  return [
    {
      ...{ policy: "order-limits", version: "07aa3e19", outcome: "taken back", at: now - 300_000 },
      ...{ rule: "faults", reason: "12 of 240 calls failed, 5%, and 0 of 3980 of the version before" },
    },
  ];
}

/** A shadow of `auth` that says otherwise of some tokens. */
export function makeShadows(now: number): ShadowView[] {
  const sample = {
    ...{ version: "9d20c4e1", session: "s-17", route: "chat", sequence: 0, input: null },
    ...{ hook: "upgrade", kinds: ["attributes"] },
    real: { attributes: { user: "anna", roles: ["reader"] } },
    shadow: { attributes: { user: "anna", roles: ["reader", "editor"] } },
    changes: [{ path: "attributes.roles[1]", after: "editor" }],
  };
  return [
    {
      ...{ policy: "auth", from: "../branch/policies", version: "9d20c4e1", routes: ["chat"], problem: "" },
      hooks: [
        {
          ...{ hook: "upgrade", same: 4188, differs: 22, failed: 0, lost: 0 },
          kinds: [{ kind: "attributes", count: 22 }],
        },
      ],
      samples: [
        { ...sample, time: now - 20_000 },
        { ...sample, session: "s-9", time: now - 70_000 },
      ],
    },
  ];
}

export function makePolicies(now: number): PolicyView[] {
  const version = (name: string, age: number, isCurrent: boolean) => ({
    version: name,
    loadedAt: now - age,
    isCurrent,
    isPinned: false,
  });
  const policy = (name: string, more: Partial<PolicyView>): PolicyView => ({
    name,
    file: `policies/${name}.ts`,
    version: `${name.length}f3a91c0`,
    state: "running",
    breaker: "closed",
    isolation: "shared",
    quarantine: null,
    problem: null,
    lastFault: null,
    recentFaults: 0,
    routes: routeNames.filter((route) => chains[route]!.includes(name)),
    hooks: [],
    memoryBytes: 3_400_000,
    versions: [
      version(`${name.length}f3a91c0`, 3_600_000, true),
      version("b81d0c44", 90_000_000, false),
      version("07aa3e19", 400_000_000, false),
    ],
    ...more,
  });
  return [
    policy("auth", {
      hooks: [{ hook: "upgrade", calls: 4210, ...noHook, unchanged: 3900, rejected: 310, meanUs: 410 }],
    }),
    policy("mask-accounts", {
      state: "stale",
      problem: {
        message: 'policies/mask-accounts.ts:7:18: Expected ")" but found ";"',
        frame:
          '  5 │ export const server: Message = ({ content }) => {\n  6 │   if (typeof content.body !== "string") return;\n> 7 │   return mask(JSON.parse(content.body;\n    │                                      ^\n  8 │ };',
        time: now - 95_000,
      },
      hooks: [
        { hook: "client", calls: 41_200, ...noHook, unchanged: 41_180, faults: 20, meanUs: 48 },
        { hook: "server", calls: 160_400, ...noHook, unchanged: 121_000, replaced: 39_400, meanUs: 96 },
      ],
    }),
    policy("order-limits", {
      lastFault: {
        hook: "client",
        reason: "threw",
        message: "TypeError: Cannot read properties of undefined (reading 'amount')",
        stack:
          "TypeError: Cannot read properties of undefined (reading 'amount')\n    at isTooMuch (policies/order-limits.ts:14:22)\n    at client (policies/order-limits.ts:8:7)",
        session: "1-14",
        time: now - 42_000,
      },
      recentFaults: 12,
      hooks: [
        {
          hook: "client",
          calls: 41_200,
          ...noHook,
          skipped: 118_600,
          when: { opcode: "text", json: { type: ["order", "replace"] } },
          unchanged: 36_000,
          replaced: 4100,
          dropped: 900,
          closed: 110,
          faults: 90,
          meanUs: 131,
        },
      ],
    }),
    policy("profanity", {
      breaker: "half-open",
      hooks: [
        { hook: "client", calls: 9120, ...noHook, unchanged: 8700, dropped: 240, replied: 180, meanUs: 77 },
      ],
    }),
    policy("geo-fence", {
      state: "failed",
      version: "",
      versions: [],
      memoryBytes: 0,
      routes: ["trading"],
      problem: {
        message: 'policies/geo-fence.ts: could not resolve "./countries.json"',
        frame: '> 1 │ import countries from "./countries.json";\n    │                       ^',
        time: now - 600_000,
      },
    }),
    policy("legacy-rename", { state: "unused", routes: [] }),
  ];
}

export const policySource = `import type { Message } from "framegate/policy";
import { isTooMuch } from "./limits.ts";

/** Orders above the account's limit are capped; the third one in a minute ends the session. */
const limit = 500;

export const client: Message = ({ content, session }) => {
  if (typeof content.body !== "string") return;
  const order = JSON.parse(content.body);
  if (order.type !== "order" || !isTooMuch(order, limit)) return;

  session.strikes = (session.strikes ?? 0) + 1;
  if (session.strikes >= 3) return { close: { code: 1008, reason: "order limit reached" } };
  return { content: { body: { ...order, amount: limit, capped: true } } };
};
`;
