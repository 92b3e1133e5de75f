/** Traffic as a small trading and chat platform has it: the same each time, hostile payloads among it. */
import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  PayloadView,
  Phase,
  RequestRecord,
  TrafficRecord,
  UpgradeRecord,
} from "../../../core/traffic/records.ts";

export type Draw = () => number;

/** Numbers from 0 to 1, always the same ones (mulberry32). */
export function createDraw(seed = 7): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export const pick = <T>(draw: Draw, from: readonly T[]): T => from[Math.floor(draw() * from.length)]!;

export const routeNames = ["trading", "chat", "prices", "telemetry"] as const;
export const paths: Readonly<Record<string, string>> = {
  trading: "/v1/orders",
  chat: "/chat/lobby?lang=en",
  prices: "/v1/prices?symbols=EURUSD,BTCUSD",
  telemetry: "/devices/4411/stream",
};
export const servers: Readonly<Record<string, string>> = {
  trading: "ws://10.4.0.12:8080",
  chat: "ws://10.4.1.7:3000",
  prices: "wss://feed.internal:443",
  telemetry: "ws://10.4.2.3:9001",
};
export const chains: Readonly<Record<string, readonly string[]>> = {
  trading: ["auth", "order-limits", "mask-accounts"],
  chat: ["auth", "profanity"],
  prices: [],
  telemetry: ["auth"],
};

export const hostilePayloads: readonly string[] = [
  `<img src=x onerror="window.wasRun=1"><script>window.wasRun=1</script>`,
  `{"text":"</pre><svg onload=window.wasRun=1>","cut":"\\ud83d","n":12345678901234567890}`,
  "bell \u0007 escape \u001b[31mred\u001b[0m nul \u0000 turned \u202egnp.exe zero\u200bwidth half \ud83d end",
];

const sessionId = (draw: Draw) =>
  `${1 + Math.floor(draw() * 2)}-${(40 + Math.floor(draw() * 12)).toString(36)}`;
export const routeOf = (session: string) =>
  routeNames[Number.parseInt(session.slice(2), 36) % routeNames.length]!;
export const clientOf = (session: string) =>
  `203.0.113.${Number.parseInt(session.slice(2), 36)}:5${Number.parseInt(session, 36) % 9000}`;
const text = (data: string, redactions = 0): PayloadView => ({
  encoding: "text",
  data,
  length: Buffer.byteLength(data),
  isCut: false,
  redactions,
});

export function makeRecord(draw: Draw, seq: number, time: number): TrafficRecord {
  const kind = draw();
  const base = makeBase(draw, seq, time);
  if (seq % 400 === 0) return makeFrame(draw, base, pick(draw, hostilePayloads));
  if (kind < 0.012) return makeUpgrade(draw, base);
  if (kind < 0.015) return makeRequest(draw, base);
  if (kind < 0.02) return makeClose(draw, base);
  const frame = makeFrame(draw, base);
  const [policy] = chains[base.route]!;
  return seq % 40 === 7 && policy !== undefined ? makeHook(createDraw(seq), base, policy) : frame;
}

/** What is in the table of messages for sure. */
export function makeMessage(draw: Draw, seq: number, time: number): FrameRecord {
  return makeFrame(draw, makeBase(draw, seq, time));
}

function makeHook(draw: Draw, base: Base, policy: string): HookRecord {
  const isTick = draw() < 0.7;
  return {
    kind: "hook",
    ...base,
    ...(isTick
      ? { hook: "tick", by: "time", outcome: "sent", attributes: {}, expires: null }
      : {
          ...{ hook: "renew", by: "message", outcome: "renewed", attributes: { user: "ada" } },
          expires: base.time + 900_000,
        }),
    ...{ policy, version: "4f3a91c0", lateMs: isTick ? 1 : 0, detail: "", place: "", rule: "" },
    durationMs: isTick ? 0.3 + draw() : 0,
    toClient: [text(isTick ? '{"type":"still there?"}' : '{"type":"renewed"}')],
    toServer: [],
  };
}

interface Base {
  readonly seq: number;
  readonly time: number;
  readonly session: string;
  readonly route: string;
}

function makeBase(draw: Draw, seq: number, time: number): Base {
  const session = sessionId(draw);
  return { seq, time, session, route: routeOf(session) };
}

function makeFrame(draw: Draw, base: Base, given?: string): FrameRecord {
  const origin = draw() < 0.45 ? "client" : "server";
  const control = given === undefined && draw() < 0.03;
  const opcode = control
    ? draw() < 0.5
      ? 9
      : 10
    : base.route === "telemetry" && given === undefined
      ? 2
      : 1;
  const payload = control
    ? null
    : opcode === 2
      ? binary(draw)
      : text(
          given ?? message(draw, base.route, origin),
          base.route === "trading" && origin === "client" ? 1 : 0,
        );
  const luck = given === undefined ? draw() : 1;
  const chain = chainOf(base.route, origin);
  const sees = !control && chain.length > 0 && opcode === 1;
  const outcome = !sees
    ? "spliced"
    : luck < 0.1
      ? "replaced"
      : luck < 0.13
        ? "dropped"
        : luck < 0.135
          ? "closed"
          : luck < 0.145
            ? "failed"
            : "passed";
  const after = outcome === "replaced" && payload !== null ? text(replaced(payload.data)) : null;
  const steps: FrameRecord["steps"] = !sees
    ? []
    : chain.map((policy, index) => {
        const isLast = index === chain.length - 1;
        return {
          policy,
          version: `${policy.length}f3a91c0`,
          action: isLast && outcome !== "spliced" ? outcome : ("passed" as const),
          place: isLast && outcome === "failed" ? "order-limits.ts:14:22" : "",
          changed: isLast && outcome === "replaced",
          after: null,
          afterMs: 0.02 + index * 0.7,
          durationMs: 0.05 + draw() * 0.6,
          detail:
            isLast && outcome === "failed"
              ? "TypeError: Cannot read properties of undefined (reading 'amount')"
              : isLast && outcome === "closed"
                ? "1008 order limit reached"
                : "",
        };
      });
  return {
    kind: "frame",
    ...base,
    origin,
    opcode,
    fin: true,
    isCompressed: base.route === "prices",
    maskKey:
      origin === "client"
        ? Math.floor(draw() * 0xffffffff)
            .toString(16)
            .padStart(8, "0")
        : null,
    length: payload?.length ?? 0,
    sequence: 1 + (base.seq % 900),
    frames: 1,
    durationMs: sees ? 1.6 + draw() * 0.9 : 0.004 + draw() * 0.03,
    writeMs: sees && ["passed", "replaced"].includes(outcome) ? 0.06 + (base.seq % 7) / 100 : null,
    unsentBytes: 0,
    outcome,
    steps,
    payload,
    after,
    replies:
      outcome === "dropped" ? [text('{"type":"error","code":"blocked","message":"Not here, please."}')] : [],
    appended: [],
  };
}

/** `auth` has an upgrade hook only, `order-limits` one for the client's messages, `mask-accounts` one for the server's. */
function chainOf(route: string, origin: string): readonly string[] {
  if (route === "trading") return [origin === "client" ? "order-limits" : "mask-accounts"];
  return chains[route]!.slice(1);
}

function message(draw: Draw, route: string, origin: string): string {
  const amount = (draw() * 900 + 10).toFixed(2);
  const symbol = pick(draw, ["EURUSD", "BTCUSD", "AAPL", "TSLA", "XAUUSD"]);
  const id = Math.floor(draw() * 1e6);
  if (route === "trading" && origin === "client") {
    return `{"type":"order","id":${id},"symbol":"${symbol}","side":"${pick(draw, ["buy", "sell"])}","amount":${amount},"limit":${(draw() * 200).toFixed(4)},"account":"[redacted]","tags":["web","retail"]}`;
  }
  if (route === "trading")
    return `{"type":"fill","order":${id},"symbol":"${symbol}","price":${amount},"filled":${Math.floor(draw() * 100)},"account":{"id":"DE44 5001 0517 5407 3249 31","owner":"M. Keller"}}`;
  if (route === "prices")
    return `{"s":"${symbol}","b":${amount},"a":${(Number(amount) + 0.02).toFixed(2)},"t":${1_790_000_000_000 + id}}`;
  if (route === "chat")
    return `{"type":"say","room":"lobby","from":"${pick(draw, ["ada", "linus", "grace", "edsger"])}","text":"${pick(draw, ["Is the deploy through?", "Looks good to me.", "Who is on call tonight?", "Rolling back now, one moment.", "That darn cache again"])}"}`;
  return `{"temperature":${amount}}`;
}

function replaced(before: string): string {
  return before
    .replace(/"id":"[A-Z\d ]+"/, '"id":"••••3249 31"')
    .replace(/"owner":"[^"]*"/, '"owner":"M. K."')
    .replace(/"text":"[^"]*"/, '"text":"That **** cache again","moderated":true')
    .replace(/"amount":[\d.]+/, '"amount":500,"capped":true');
}

function binary(draw: Draw): PayloadView {
  const bytes = Buffer.from(
    Array.from({ length: 24 + Math.floor(draw() * 60) }, () => Math.floor(draw() * 256)),
  );
  const length = draw() < 0.3 ? 4096 : bytes.length;
  return {
    encoding: "base64",
    data: bytes.toString("base64"),
    length,
    isCut: length > bytes.length,
    redactions: 0,
  };
}

function makeRequest(draw: Draw, base: Base): RequestRecord {
  const [method, path, status, route] = pick(draw, [
    ["GET", "/healthz", 200, "telemetry"],
    ["POST", "/v1/orders/import", 201, "trading"],
    ["GET", "/v1/prices", 426, "prices"],
    ["GET", "/.env", 404, ""],
    ["GET", "/wp-login.php", 404, ""],
  ] as const);
  const isProxied = status < 400;
  const durationMs = isProxied ? 2 + draw() * 40 : 0.3;
  return {
    kind: "request",
    ...base,
    ...{ route, method, path, httpVersion: "1.1", status, detail: "" },
    code: status === 404 ? "ERR_NO_ROUTE" : "",
    client: clientOf(base.session),
    server: isProxied ? `${servers[route]}${path}` : "",
    durationMs,
    isComplete: true,
    requestBytes: method === "POST" ? 18_432 : 0,
    responseBytes: isProxied ? 212 : 49,
    request: [
      ["Host", "gateway.example.com"],
      ["User-Agent", isProxied ? "curl/8.9.1" : "zgrab/0.x"],
      ["Authorization", "[redacted]"],
    ],
    serverRequest: isProxied
      ? [
          ["Host", "gateway.example.com"],
          ["User-Agent", "curl/8.9.1"],
          ["X-Forwarded-For", "203.0.113.40"],
        ]
      : null,
    serverResponse: isProxied ? { status, headers: [["Content-Type", "application/json"]] } : null,
    phases: isProxied
      ? phasesOf(servers[route]!, [
          ["admit", 0.1],
          ["queue", 0.02],
          ["dial", durationMs * 0.2],
          ["request", durationMs * 0.05],
          ["server", durationMs * 0.6],
          ["answer", durationMs * 0.15 - 0.12],
        ])
      : phasesOf("", [["admit", durationMs]]),
    response: [["Content-Type", isProxied ? "application/json" : "text/plain; charset=utf-8"]],
    steps: [],
  };
}

/** One behind the other. */
function phasesOf(server: string, parts: readonly (readonly [Phase["phase"], number])[]): Phase[] {
  let afterMs = 0;
  return parts.map(([phase, durationMs]) => {
    const made = {
      ...{ phase, afterMs, durationMs },
      ...(phase === "dial" && { server: server.replace(/^wss?:\/\//, "") }),
    };
    afterMs += durationMs;
    return made;
  });
}

function makeUpgrade(draw: Draw, base: Base): UpgradeRecord {
  const luck = draw();
  const [status, code, detail] =
    luck < 0.8
      ? ([101, "", ""] as const)
      : luck < 0.88
        ? ([401, "ERR_POLICY_REJECTED", 'policy "auth": the token has expired'] as const)
        : luck < 0.93
          ? ([404, "ERR_NO_ROUTE", "no route has this path"] as const)
          : luck < 0.97
            ? ([502, "ERR_DIAL_REFUSED", "connect ECONNREFUSED 10.4.0.12:8080"] as const)
            : ([503, "ERR_POLICY_NOT_LOADED", 'no version of policy "geo-fence" could be loaded'] as const);
  const isOpen = status === 101;
  const path = status === 404 ? "/wp-admin/ws" : paths[base.route]!;
  const durationMs = 4 + draw() * 14;
  const hookMs = 0.4 + draw();
  const key = Buffer.from(String(draw())).toString("base64").slice(0, 22);
  const request: [string, string][] = [
    ["Host", "gateway.example.com"],
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Origin", "https://app.example.com"],
    ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", `${key}==`],
    ["Sec-WebSocket-Protocol", "orders.v2, orders.v1"],
    ["Authorization", "[redacted]"],
    ["Cookie", "session=[redacted]; theme=dark"],
  ];
  return {
    kind: "upgrade",
    ...base,
    route: status === 404 ? "" : base.route,
    method: "GET",
    path,
    httpVersion: "1.1",
    status,
    code,
    detail,
    client: clientOf(base.session),
    server: isOpen || status === 502 ? `${servers[base.route]}${path}` : "",
    subprotocol: isOpen ? "orders.v2" : "",
    extensions: isOpen && draw() < 0.5 ? "permessage-deflate; client_no_context_takeover" : "",
    durationMs,
    request,
    serverRequest: isOpen
      ? [
          ["Host", "10.4.0.12:8080"],
          ...request.slice(1, 7),
          ["X-Forwarded-For", "203.0.113.40"],
          ["X-User", "ada"],
        ]
      : null,
    serverResponse: isOpen
      ? {
          status: 101,
          headers: [
            ["Upgrade", "websocket"],
            ["Connection", "Upgrade"],
            ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
          ],
        }
      : null,
    phases: [
      ...phasesOf("", [["admit", 0.1]]),
      ...(isOpen || status === 502
        ? phasesOf(servers[base.route]!, [
            ["queue", 0.02],
            ["dial", (durationMs - hookMs) * 0.3],
            ...(isOpen ? ([["server", (durationMs - hookMs) * 0.6]] as const) : []),
            ...(isOpen ? ([["answer", 0.12]] as const) : []),
          ]).map((phase) => ({
            ...phase,
            afterMs: phase.afterMs + 0.1 + hookMs,
            ...(phase.phase === "dial" && !isOpen && { problem: detail }),
          }))
        : []),
    ],
    response: isOpen
      ? [
          ["Upgrade", "websocket"],
          ["Connection", "Upgrade"],
          ["Sec-WebSocket-Protocol", "orders.v2"],
        ]
      : [
          ["Content-Type", "text/plain"],
          ["X-Request-Id", base.session],
        ],
    attributes: isOpen ? { user: "ada", plan: "pro", roles: ["trader", "viewer"] } : {},
    steps: chains[base.route]!.slice(0, 1).map((policy) => ({
      policy,
      version: "4f3a91c0",
      action: status === 401 ? "rejected" : "passed",
      afterMs: 0.1,
      durationMs: hookMs,
      detail: status === 401 ? "401" : "",
    })),
  };
}

const bothGot = (code: number) => ({ client: { sent: code, got: code }, server: { sent: code, got: code } });
const nobody = { policy: "", version: "", rule: "" };
const ends: readonly Omit<
  CloseRecord,
  "kind" | keyof Base | "client" | "server" | "durationMs" | "messages" | "bytes"
>[] = [
  { initiator: "client", code: 1000, reason: "", cause: "peer", detail: "", ...nobody, codes: bothGot(1000) },
  {
    ...{ initiator: "client", code: 1001, reason: "page was left", cause: "peer", detail: "", ...nobody },
    codes: { client: { sent: 1001, got: 1000 }, server: { sent: 1000, got: 1001 } },
  },
  {
    initiator: "server",
    code: 1012,
    reason: "deploy",
    cause: "peer",
    detail: "",
    ...nobody,
    codes: bothGot(1012),
  },
  {
    ...{
      initiator: "policy",
      code: 1008,
      reason: "order limit reached",
      cause: "policy",
      detail: "order-limits",
    },
    ...{ policy: "order-limits", version: "12f3a91c0b7d", rule: "max-open-orders", codes: bothGot(1008) },
  },
  {
    ...{ initiator: "gateway", code: 1001, reason: "", cause: "idle", detail: "no message for 300 s" },
    ...{ ...nobody, rule: "idle", codes: bothGot(1001) },
  },
  {
    ...{ initiator: "gateway", code: 1006, reason: "", cause: "keepalive", detail: "no pong within 20 s" },
    ...{ ...nobody, rule: "keepalive" },
    codes: { client: { sent: null, got: null }, server: { sent: null, got: null } },
  },
];

function makeClose(draw: Draw, base: Base): CloseRecord {
  const messages = { client: Math.floor(draw() * 900), server: Math.floor(draw() * 4000) };
  return {
    kind: "close",
    ...base,
    ...pick(draw, ends),
    client: clientOf(base.session),
    server: servers[base.route]!,
    durationMs: draw() * 900_000,
    messages,
    bytes: { client: messages.client * 120, server: messages.server * 96 },
  };
}
