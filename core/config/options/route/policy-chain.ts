import { z } from "zod";
import { namesOfOwnPolicies } from "../../../../policies/pack/missing-policy.ts";
import type { HookName } from "../../../../sandbox/contract/hooks.ts";
import { type Isolation, isolationLevel } from "../isolation.ts";
import { choice, flag, inputTypes, section, text } from "../schema-parts.ts";
import { resolveShadow, type ShadowConfig, shadowOption } from "../shadow.ts";

export interface PolicyUse {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  /** Absent: all that the policy exports. */
  readonly hooks?: readonly HookName[];
  /** Absent: as the route, the packs or the config have it. */
  readonly isolation?: Isolation;
  /** Absent: as the route has it; false: it has none. */
  readonly shadow?: ShadowConfig | false;
}

/** Switches of one use of a policy. */
const policySwitches = {
  enabled: flag()
    .prefault(true)
    .describe("Whether the policy is in the chain; one that is not stays configured."),
  hooks: z
    .array(choice(["upgrade", "unavailable", "client", "server", "tick", "renew", "close"]), {
      error: 'a list of hooks such as ["upgrade", "client"]',
    })
    .optional()
    .describe("Which of the policy's hooks run in this chain. Default: all that it exports."),
  isolation: isolationLevel()
    .optional()
    .describe(
      'Which process the policy runs in: a host process "shared" with others, its "own", or the "worker", which it can take with it. Of several uses the strictest counts: "own", then "shared". Default: the route\'s, and that of `packs` for a policy of a pack.',
    ),
  shadow: shadowOption()
    .optional()
    .describe(
      "Another version that gets copies of this use's calls, and whose verdicts go nowhere: a policy's file, or a folder that has a policy of the same name; false: none. Default: the route's.",
    ),
};

const policyName = text("the name of a policy")
  .superRefine((name, context) => {
    const problem = findNameProblem(name);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  })
  // Those that an editor can know of a JSON or YAML config.
  .meta({ examples: namesOfOwnPolicies() });

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

export const policyChain = z.union(
  [
    z.literal("*", { error: 'a list of policies or "*"' }),
    z.array(policyEntry, { error: 'a list of policies or "*"' }),
  ],
  { error: 'a list of policies or "*"' },
);

/** @param dir what paths are relative to */
export function resolveChain(chain: z.output<typeof policyChain>, dir: string): readonly PolicyUse[] | "*" {
  if (chain === "*") return "*";
  return chain.map((entry) => {
    if (typeof entry === "string") return { use: entry, options: {}, enabled: true };
    const { shadow, ...use } = entry;
    return { ...use, ...(shadow !== undefined && { shadow: resolveShadow(shadow, dir) }) };
  });
}

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
