import { z } from "zod";
import { admission } from "./admission.ts";
import { compressionOption } from "./compression.ts";
import { contentTypeOption } from "./content-type.ts";
import { corsOption } from "./cors.ts";
import { headerOptions } from "./header-rules.ts";
import { observation } from "./observation.ts";
import { findPathProblem } from "./path-pattern.ts";
import { plainHttp } from "./plain-http.ts";
import { policySwitches } from "./policy-use.ts";
import { routeMatch } from "./route-match.ts";
import { choice, inputTypes, section, text } from "./schema-parts.ts";
import { sessionShape } from "./session.ts";
import { duration, size } from "./units.ts";
import { connectSchema, routeUpstreamSchema } from "./upstream-schema.ts";

const policyName = text("the name of a policy").superRefine((name, context) => {
  const problem = findNameProblem(name);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const policyUse = section(
  "PolicyUseInput",
  {
    use: policyName.describe("Name of the policy: its file below the policies folder, without the ending."),
    options: z
      .record(z.string(), z.unknown(), { error: "an object" })
      .superRefine(refuseNonJson)
      .prefault({})
      .describe("What the policy reads as `options`: plain JSON. Default: {}."),
    ...policySwitches,
  },
  "a policy's name or { use, options }",
);

const policyEntry = z
  .union([policyName, policyUse], { error: "a policy's name or { use, options }" })
  .register(inputTypes, { name: "Use", isParameter: true });

const policyChain = z.union(
  [
    z.literal("*", { error: 'a list of policies or "*"' }),
    z.array(policyEntry, { error: 'a list of policies or "*"' }),
  ],
  { error: 'a list of policies or "*"' },
);

export const routeSchema = section(
  "RouteInput",
  {
    path: text('a path such as "/chat" or "/*"')
      .superRefine((path, context) => {
        const problem = findPathProblem(path);
        if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
      })
      .describe(
        "Path that clients ask for: literal segments, `:name` for any one segment, a final `*` for the rest.",
      ),
    ...routeMatch,
    ...admission,
    ...headerOptions,
    cors: corsOption,
    ...plainHttp,
    upstream: routeUpstreamSchema.describe(
      "The server behind this route: an http, https, ws or wss URL, unix:/path/to.sock:/path, the name of one of `upstreams`, or an object like those.",
    ),
    policies: policyChain
      .prefault([])
      .describe(
        'The chain, by file name below the policies folder without its ending, or "*" for every policy there that has no route of its own. Default: none.',
      ),
    ...contentTypeOption,
    onError: choice(["close", "drop", "pass"])
      .prefault("close")
      .describe(
        "What becomes of a message whose policy failed: close the connection, drop the message, or pass it on unchanged.",
      ),
    maxMessageSize: size(1, "1")
      .prefault("1MiB")
      .describe(
        "Largest message in either direction (inflated where policies read it, else as on the wire), in bytes or with a unit.",
      ),
    connectTimeout: duration()
      .prefault("10s")
      .describe("Longest time to connect to the server; 0: unlimited."),
    handshakeTimeout: duration()
      .prefault("10s")
      .describe("Longest time until the server has answered the handshake; 0: unlimited."),
    closeTimeout: duration()
      .prefault("10s")
      .describe("Longest time between the two Close frames; 0: unlimited."),
    ...sessionShape,
    ...observation,
    ...compressionOption,
    connect: connectSchema
      .optional()
      .describe("Where the `connect` of an `upgrade` verdict may lead. Default: the config's own `connect`."),
  },
  "a route such as { path, upstream, policies }",
);

export type ParsedRoute = z.output<typeof routeSchema>;

function findNameProblem(name: string): string | undefined {
  if (name === "*") return 'a policy\'s name; for all of them write policies: "*"';
  if (/\.[cm]?[jt]s$/.test(name))
    return `a policy's name without its ending: "${name.replace(/^\.\//, "").replace(/\.[^.]*$/, "")}"`;
  if (!/^[^\s/\\._][^/\\]*(\/[^\s/\\._][^/\\]*)*$/.test(name)) {
    return 'a policy\'s name, such as "auth" or "billing/audit": its file below the policies folder, without the ending';
  }
  return undefined;
}

function refuseNonJson(options: Record<string, unknown>, context: z.RefinementCtx): void {
  for (const path of findNonJson(options, [])) {
    context.addIssue({ code: "custom", message: "plain JSON", path });
  }
}

function findNonJson(value: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (value === null || ["string", "boolean", "undefined"].includes(typeof value) || Number.isFinite(value))
    return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findNonJson(item, [...path, index]));
  const isPlain =
    typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain || path.length > 32) return [path];
  return Object.entries(value).flatMap(([key, item]) => findNonJson(item, [...path, key]));
}
