import { z } from "zod";
import { parseOriginPattern } from "../../../net/origin-pattern.ts";
import { parseUnixUrl, UPSTREAM_NAME } from "../../../net/target.ts";
import { choice, section, text, whole } from "../schema-parts.ts";
import { secretText } from "../secret-source.ts";
import { durationOrZero, limitedDuration } from "../units.ts";
import { upstreamTlsSchema } from "./upstream-tls.ts";

const serverUrl = text('a URL such as "http://127.0.0.1:9000"').superRefine((url, context) => {
  const problem = findServerUrlProblem(url);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const target = section(
  "TargetInput",
  {
    url: serverUrl.describe("The server: an http, https, ws or wss URL, or unix:/path/to.sock:/path."),
    socket: text("the path of a Unix socket")
      .optional()
      .describe("Path of a Unix socket to connect to; `url` then gives scheme, Host header and path."),
    weight: whole(1, 1_000, "a whole number from 1 to 1000")
      .prefault(1)
      .describe("Share of the connections among the servers of one priority."),
    priority: whole(0, 1_000, "a whole number from 0 to 1000")
      .prefault(0)
      .describe(
        "Servers of a lower number go first; the next number's turn comes when none of them is healthy.",
      ),
  },
  "a server such as { url, weight, priority }",
);

const BALANCE_TEXT = '"round-robin", "least-connections", "fastest" or { hash: "header:NAME" }';
const HASH_TEXT = 'one of "header:NAME", "param:NAME", "attribute:NAME", "address"';

const balance = z.union(
  [
    z.enum(["round-robin", "least-connections", "fastest"], { error: BALANCE_TEXT }),
    section(
      "HashInput",
      {
        hash: text(HASH_TEXT)
          .regex(/^(address|(header|param|attribute):.+)$/, { error: HASH_TEXT })
          .describe(
            'What is hashed: "header:NAME", "param:NAME" (of the path, else of the query), "attribute:NAME" (of the upgrade\'s attributes) or "address".',
          ),
      },
      BALANCE_TEXT,
    ),
  ],
  { error: BALANCE_TEXT },
);

const check = section(
  "HealthCheckInput",
  {
    probe: choice(["http", "upgrade"])
      .prefault("http")
      .describe("What is asked: a GET, or an upgrade that is ended at once."),
    path: text('a path such as "/healthz"')
      .regex(/^\/[\x21-\x7e]*$/, { error: 'a path such as "/healthz"' })
      .prefault("/")
      .describe("Path that is asked for."),
    interval: limitedDuration().prefault("5s").describe("How often it is asked."),
    timeout: limitedDuration().prefault("2s").describe("Longest time until the answer."),
    expect: whole(200, 599, "a status from 200 to 599")
      .prefault(200)
      .describe("Status of a server that is well; for an upgrade it is 101."),
  },
  'an object such as { path: "/healthz", interval: "5s" }',
);

const health = section(
  "HealthInput",
  {
    failures: whole(0, 1_000_000, "a whole number, or 0 for never")
      .prefault(5)
      .describe("A server is ejected after so many failed attempts in a row; 0: never."),
    eject: limitedDuration()
      .prefault("10s")
      .describe("How long a server is ejected, doubled each time that it fails again."),
    maxEject: limitedDuration().prefault("5m").describe("Longest ejection."),
    slowStart: durationOrZero()
      .prefault("30s")
      .describe("How long a server that comes back takes to get its whole share; 0: at once."),
    check: check.optional().describe("Asks each server whether it is well, from each worker. Default: none."),
  },
  "an object such as { failures: 5 }",
);

const upstreamShape = {
  url: serverUrl
    .optional()
    .describe(
      "The only server, in place of `targets`: an http, https, ws or wss URL, or unix:/path/to.sock:/path.",
    ),
  targets: z
    .array(target, { error: "a list of servers such as [{ url }]" })
    .min(1, { error: "at least one server" })
    .optional()
    .describe("The servers, at least one."),
  balance: balance
    .prefault("round-robin")
    .describe(
      "Which server the next connection goes to: the next by weight, the one with fewest connections, the one that answers handshakes fastest, or by a hash.",
    ),
  maxConnections: z
    .int({ error: "a whole number from 1, or -1 for unlimited" })
    .min(-1, { error: "a whole number from 1, or -1 for unlimited" })
    .refine((count) => count !== 0, { error: "a whole number from 1, or -1 for unlimited" })
    .prefault(-1)
    .describe("Most connections to one server at a time, over all workers; -1: unlimited."),
  onStoreLoss: choice(["local", "closed", "open"])
    .prefault("local")
    .describe(
      "Of `maxConnections`, while the Redis of the `cluster` cannot be asked: this machine's share of it, no more connections, or as many as like to.",
    ),
  queue: section(
    "QueueInput",
    {
      size: whole(0, 1_000_000, "a whole number, 0 for no queue")
        .prefault(0)
        .describe("How many connections may wait, over all workers; the next gets 503."),
      timeout: limitedDuration().prefault("1s").describe("How long one waits before it gets 503."),
    },
    "an object such as { size: 100 }",
  )
    .prefault({})
    .describe("Where connections wait when every server has its most."),
  retry: section(
    "RetryInput",
    {
      attempts: whole(0, 100, "a whole number from 0 to 100")
        .prefault(1)
        .describe("How many other servers are tried, before the client has its 101."),
    },
    "an object such as { attempts: 1 }",
  )
    .prefault({})
    .describe("What happens when a server cannot be reached or does not answer."),
  onFailure: text("the name of an upstream")
    .optional()
    .describe(
      "Name of the upstream that is asked when no server of this one can be had: none is healthy, or those that were tried did not answer, or all have their most. Default: none, the client gets 502, 503 or 504.",
    ),
  health: health.prefault({}).describe("When a server gets no new connections for a while."),
  tls: upstreamTlsSchema.optional().describe("TLS to servers of https and wss URLs."),
  dns: section(
    "DnsInput",
    {
      maxAge: durationOrZero()
        .prefault("30s")
        .describe(
          "How long the addresses of a name are used before they are asked for again; 0: for each connection.",
        ),
    },
    'an object such as { maxAge: "30s" }',
  )
    .prefault({})
    .describe("How long the addresses of a name are used."),
  redirects: whole(0, 20, "a whole number from 0 to 20")
    .prefault(0)
    .describe(
      "How many redirects of a server to allowed hosts are followed at the handshake; 0: none, the client gets them.",
    ),
  proxy: secretText(
    text('a URL such as "http://proxy:3128"').superRefine((url, context) => {
      if (!isProxyUrl(url)) {
        context.addIssue({ code: "custom", message: "an http URL of host and port alone" });
      }
    }),
    "http://127.0.0.1",
  )
    .optional()
    .describe(
      'An HTTP proxy that is asked to CONNECT to the server, with user and password if it wants them: "http://user:password@host:3128".',
    ),
};

const upstreamShapeSchema = section(
  "UpstreamInput",
  upstreamShape,
  "an upstream such as { targets: [{ url }] }",
);

/** An object of `upstreams`. */
export const upstreamSchema = upstreamShapeSchema.superRefine(checkUpstream);

export type ParsedUpstream = z.output<typeof upstreamShapeSchema>;

const NAME_TEXT = 'the name of an upstream: a letter, then letters, digits, "-" and "_"';

export const upstreamsSchema = z.record(
  z.string({ error: NAME_TEXT }).regex(UPSTREAM_NAME, { error: NAME_TEXT }),
  upstreamSchema,
  { error: "an object of upstreams by name" },
);

const ROUTE_UPSTREAM_TEXT = 'a URL such as "http://127.0.0.1:9000"';

/** What a route's `upstream` may be. Whether a name is one of `upstreams` is looked at elsewhere. */
export const routeUpstreamSchema = z
  .union([text(ROUTE_UPSTREAM_TEXT), upstreamShapeSchema], { error: ROUTE_UPSTREAM_TEXT })
  .superRefine((value, context) => {
    // Outside of the union, whose message would stand in for these.
    if (typeof value !== "string") return checkUpstream(value, context);
    const problem = UPSTREAM_NAME.test(value) ? undefined : findServerUrlProblem(value);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });

export const connectSchema = section(
  "ConnectInput",
  {
    allow: z
      .array(
        text('a pattern such as "https://*.orders.internal"').superRefine((pattern, context) => {
          if (parseOriginPattern(pattern) === undefined) {
            const message =
              'a scheme, a host and a port alone, such as "https://*.orders.internal" or "http://127.0.0.1:*"';
            context.addIssue({ code: "custom", message });
          }
        }),
        { error: 'a list such as ["https://*.orders.internal"]' },
      )
      .prefault([])
      .describe(
        'Servers that a policy may connect to beside the configured ones, as scheme, host and port: "https://*.orders.internal", "http://127.0.0.1:*". Default: none.',
      ),
  },
  'an object such as { allow: ["https://*.orders.internal"] }',
);

/** What no single option can tell. */
function checkUpstream(upstream: ParsedUpstream, context: z.RefinementCtx): void {
  const { url, targets, proxy } = upstream;
  const say = (message: string, ...path: PropertyKey[]): void =>
    context.addIssue({ code: "custom", message, path });
  if ((url === undefined) === (targets === undefined)) say("either `url` or `targets`");
  const servers = targets ?? (url === undefined ? [] : [{ url, socket: undefined }]);
  const keys = servers.map((server) => `${server.url}\n${server.socket ?? ""}`);
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) < index) {
      say("a server that is not listed above; give that one more weight", "targets", index, "url");
    }
  }
  const hasSocket = servers.some(({ url, socket }) => socket !== undefined || url.startsWith("unix:"));
  if (hasSocket && proxy !== undefined) say("no proxy where a server is a Unix socket", "proxy");
}

export function findServerUrlProblem(value: string): string | undefined {
  if (value.startsWith("unix:")) {
    return parseUnixUrl(value) === undefined ? "a URL such as unix:/run/app.sock:/path" : undefined;
  }
  const url = URL.parse(value);
  if (url === null || !["http:", "https:", "ws:", "wss:"].includes(url.protocol)) {
    return "an http, https, ws or wss URL";
  }
  if (url.hash !== "") return "a URL without a fragment";
  if (url.username !== "" || url.password !== "") {
    return "a URL without user and password: set the header in a policy's upgrade hook";
  }
  return undefined;
}

function isProxyUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && url.protocol === "http:" && url.pathname === "/" && url.search + url.hash === "";
}
