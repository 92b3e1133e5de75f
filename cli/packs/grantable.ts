import { type ConfigProblem, findGrantProblems } from "../../core/config/index.ts";
import type { Bundle } from "../../policies/bundle/bundle.ts";
import { PoliciesError } from "../../policies/error.ts";
import { isObject } from "../../policies/is-object.ts";
import { plainText } from "../../policies/pack/capabilities.ts";
import { showPath } from "../../policies/shown-path.ts";
import type { PolicyExports } from "../../sandbox/contract.ts";

/** Throws a PoliciesError (`ERR_PACK_CAPABILITY`) when a policy asks for what a gateway could not make a grant of. */
export function requireGrantable(bundle: Bundle, { capabilities = {} }: PolicyExports): void {
  const problems = findGrantProblems(asGrant(capabilities));
  if (problems.length === 0) return;
  throw new PoliciesError(
    "ERR_PACK_CAPABILITY",
    bundle.packed === undefined ? wordForAuthor(bundle, problems) : wordForUser(bundle, problems),
  );
}

/** `false` asks for nothing, and a grant has no word for that. */
function asGrant(capabilities: unknown): unknown {
  if (!isObject(capabilities)) return capabilities;
  const { kv, rates, ...others } = capabilities;
  return { ...others, ...(kv === false ? {} : { kv }), ...(rates === false ? {} : { rates }) };
}

function wordForAuthor({ file }: Bundle, problems: readonly ConfigProblem[]): string {
  return `${showPath(file)} asks for what no gateway can grant:
${listProblems(problems)}
Write it as a grant of the config is written, such as { fetch: { hosts: ["api.example.com"] }, kv: true, secrets: ["API_KEY"] }`;
}

function wordForUser({ name }: Bundle, problems: readonly ConfigProblem[]): string {
  return `${name} asks for what this gateway cannot grant:
${listProblems(problems)}
Nothing was changed: take another version of the pack, or tell its author`;
}

/** What a pack says must not move the cursor. */
function listProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ path, message }) => {
      const place = path.startsWith("[") || path === "" ? `capabilities${path}` : `capabilities.${path}`;
      return plainText(`  ${place}: ${message}`);
    })
    .join("\n");
}
