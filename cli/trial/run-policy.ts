import { resolve } from "node:path";
import {
  applySettings,
  type GatewayConfig,
  loadConfigFile,
  type RouteConfig,
  resolveConfig,
} from "../../core/config/index.ts";
import { addPackGrants } from "../../core/routes/pack-grants.ts";
import { planRoutes } from "../../core/routes/planner.ts";
import { wordProblem } from "../../core/routes/problems.ts";
import { runTrial, type TrialPlan } from "../../core/trial/trial.ts";
import { PoliciesError } from "../../policies/error.ts";
import type { PolicySource } from "../../policies/folder.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { PolicyBinding, PolicyExports } from "../../sandbox/contract.ts";
import { printJson } from "../admin/print.ts";
import { CliError } from "../errors.ts";
import { findOptionalConfig, requireFolder } from "../gateway-options.ts";
import { bundleAll, findNamedRoute, findPolicy, findUsed } from "./find-policies.ts";
import { type AskedCall, type RunFlags, readCall, readHook, readPayload } from "./flags.ts";
import { trialJson } from "./trial-json.ts";
import { printTrial } from "./trial-lines.ts";

/** Runs one hook, or those of a chain, and prints what came out; rejects when one has failed. */
export async function runPolicy(policy: string | undefined, flags: RunFlags): Promise<void> {
  if (policy === undefined && flags.route === undefined)
    throw new CliError(
      "ERR_CLI_USAGE",
      "Expected the name of a policy, or --route for all policies of a route, got neither.",
    );
  if (policy === undefined && flags.options !== undefined)
    throw new CliError("ERR_CLI_USAGE", "--options are those of one policy: name it, or leave them out.");
  const hook = readHook(flags.hook);
  const payload = await readPayload(flags);
  const config = await configFor(flags);
  const route = flags.route === undefined ? undefined : findNamedRoute(config, flags.route);
  const call = readCall(flags, payload, route?.path);
  const named = policy === undefined ? undefined : await findPolicy(config, policy);
  const sources = named === undefined ? await findUsed(config, route as RouteConfig) : [named];
  const bundles = await bundleAll(sources);
  const agreed = bundles.flatMap(({ name, packed }) => (packed ? [[name, packed.grants]] : []));
  const result = await runTrial({
    bundles,
    route: route ?? { contentType: JSON_MESSAGES, onError: "close" },
    sandbox: config.sandbox,
    // Without a config file there is nobody who could have granted anything.
    grants:
      config.file === undefined
        ? undefined
        : addPackGrants(config.capabilities.grants, Object.fromEntries(agreed)).grants,
    events: [],
    plan: (exported) => planTrial({ config, route, flags, sources, named, hook, call }, exported),
  });
  if (flags.json === true) printJson(trialJson(result));
  else printTrial(result);
  if (result.steps.some(({ action }) => action === "failed"))
    throw new CliError("ERR_CLI_PROBLEMS", "a hook failed");
}

interface Asked {
  readonly config: GatewayConfig;
  readonly route: RouteConfig | undefined;
  readonly flags: RunFlags;
  readonly sources: readonly PolicySource[];
  /** Undefined: all policies of the route. */
  readonly named: PolicySource | undefined;
  readonly hook: HookName | undefined;
  readonly call: AskedCall;
}

function planTrial(asked: Asked, exported: ReadonlyMap<string, PolicyExports>): TrialPlan {
  const chain = asked.route === undefined ? [lone(asked, exported)] : chainOf(asked, exported);
  const hooks = new Set(
    chain.flatMap(
      ({ policy, hooks: only }) =>
        exported.get(policy)?.hooks.filter((each) => only?.includes(each) ?? true) ?? [],
    ),
  );
  return { chain, call: { ...asked.call, hook: chooseHook(asked, hooks) } };
}

/** As the planner of a gateway has it; a policy that was named runs by itself. */
function chainOf(
  { config, route, sources, named, flags }: Asked,
  exported: ReadonlyMap<string, PolicyExports>,
): readonly PolicyBinding[] {
  const { name } = route as RouteConfig;
  const loaded = sources.flatMap((source) => {
    const exports = exported.get(source.name);
    return exports === undefined ? [] : [{ ...source, current: { exports } }];
  });
  const { routes, problems } = planRoutes(config, loaded, checkOptions);
  const meant = flags.options === undefined ? problems : [];
  for (const problem of meant) {
    if (problem.code !== "wrong-options" || problem.route !== name || !exported.has(problem.policy)) continue;
    const [first] = wordProblem(problem).inFiles;
    if (first !== undefined)
      throw new PoliciesError("ERR_POLICY_OPTIONS", `${first.place}: ${first.message}`);
  }
  const planned = routes.find((plan) => plan.config.name === name)?.chain ?? [];
  if (named === undefined && planned.length > 0) return planned;
  const uses = route?.policies === "*" ? [named?.name] : (route?.policies ?? []).map(({ use }) => use);
  if (named === undefined || !uses.includes(named.name))
    throw new CliError("ERR_CLI_USAGE", wordUnused(route as RouteConfig, named));
  if (flags.options !== undefined) return [lone({ named, flags }, exported)];
  const chain = planned.filter(({ policy }) => policy === named.name).slice(0, 1);
  return chain;
}

function lone(
  { named, flags }: Pick<Asked, "named" | "flags">,
  exported: ReadonlyMap<string, PolicyExports>,
): PolicyBinding {
  const policy = named?.name ?? "";
  const checked = checkOptions(exported.get(policy)?.optionsSchema, flags.options ?? {});
  if ("options" in checked) return { policy, route: "run", options: checked.options };
  const next =
    flags.options === undefined
      ? " Give them with --options, or name a route that has them with --route."
      : "";
  throw new PoliciesError("ERR_POLICY_OPTIONS", `The options of ${policy}: ${checked.problem}.${next}`);
}

function chooseHook({ hook, call, named, route }: Asked, hooks: ReadonlySet<HookName>): HookName {
  const whose = named === undefined ? `the route ${route?.name}` : `the policy "${named.name}"`;
  const there = [...hooks].join(", ") || "none";
  const chosen =
    hook ?? (call.payload === undefined ? WITHOUT_MESSAGE : FOR_MESSAGES).find((each) => hooks.has(each));
  if (chosen === undefined)
    throw new CliError(
      "ERR_CLI_USAGE",
      call.payload === undefined && FOR_MESSAGES.some((each) => hooks.has(each))
        ? `There is no message: give one with --message, --binary or --file (hooks of ${whose}: ${there}).`
        : `There is no hook that takes this; hooks of ${whose}: ${there}. Name one with --hook.`,
    );
  if (!hooks.has(chosen))
    throw new CliError("ERR_CLI_USAGE", `--hook: ${whose} has no \`${chosen}\` hook; it has: ${there}.`);
  if ((chosen === "client" || chosen === "server") && call.payload === undefined)
    throw new CliError(
      "ERR_CLI_USAGE",
      `The \`${chosen}\` hook is for a message: give one with --message, --binary or --file.`,
    );
  return chosen;
}

const FOR_MESSAGES: readonly HookName[] = ["client", "server"];
const WITHOUT_MESSAGE: readonly HookName[] = ["upgrade"];
const JSON_OF_BOTH = { text: "application/json", binary: "application/json" };
const JSON_MESSAGES = { client: JSON_OF_BOTH, server: JSON_OF_BOTH };

function wordUnused({ name, policies }: RouteConfig, named: PolicySource | undefined): string {
  if (named === undefined) return `--route: the route ${name} has no policies, so there is nothing to run.`;
  const listed = policies === "*" ? "all of the folder" : policies.map(({ use }) => use).join(", ") || "none";
  return `--route: the route ${name} does not use the policy "${named.name}"; it uses ${listed}.`;
}

/** Without a config file there are policies and no routes. */
async function configFor({ config: given, policies, set: settings = [] }: RunFlags): Promise<GatewayConfig> {
  const file = given ?? (await findOptionalConfig());
  const config =
    file === undefined
      ? resolveConfig(applySettings({ policies }, settings), { dir: process.cwd(), settings })
      : await loadConfigFile(file, { settings });
  if (policies !== undefined) await requireFolder(policies);
  return policies === undefined ? config : { ...config, policiesDir: resolve(policies) };
}
