import { createRoute } from "@hono/zod-openapi";
import type { LoadedVersion, PolicyState } from "../../../../policies/reload/policy-state.ts";
import type { HookName, Payload } from "../../../../sandbox/contract/hooks.ts";
import type { PolicyBinding } from "../../../../sandbox/contract.ts";
import type { Logger } from "../../../log.ts";
import type { RecordedEvent } from "../../../recording/format.ts";
import type { RedactionRules } from "../../../redaction/rules.ts";
import { addPackGrants } from "../../../routes/pack-grants.ts";
import type { RoutePlan } from "../../../routes/route-runtime.ts";
import type { TrafficRecord } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type Api, answers, jsonBody, nameParam } from "../api.ts";
import { requireRoute } from "../known-routes.ts";
import { readMessageBody } from "../sessions/message-body.ts";
import { noteHidden, payloadOfRecord, readConnection } from "./recorded-connection.ts";
import { type TrialOrder, trialOrderSchema, trialSchema } from "./trial-schema.ts";
import { viewTrial } from "./trial-view.ts";

export interface TrialsParts {
  readonly view: Pick<GatewayView, "table" | "policies" | "config" | "workers">;
  readonly traffic: Pick<TrafficStore, "query" | "get">;
  readonly rules: RedactionRules;
  readonly logger: Logger;
}

/** Each is a process for as long as it runs, beside those of traffic. */
const MOST_AT_ONCE = 2;

/** Policies run on messages outside of traffic: what they say goes nowhere. */
export function addTrials(api: Api, parts: TrialsParts): void {
  const { view, traffic, rules, logger } = parts;
  let running = 0;

  api.openapi(
    createRoute({
      method: "post",
      path: "/policies/{name}/run",
      summary: "Run a policy on a message",
      description:
        "In a sandbox of its own, with a `session` that begins empty. Nothing that the policy asks for is performed. Two runs at once, over all operators.",
      request: { params: nameParam("policy"), body: jsonBody(trialOrderSchema) },
      responses: answers(trialSchema, "What it did with it."),
    }),
    async (context) => {
      const { name } = context.req.valid("param");
      const order = context.req.valid("json");
      if (running >= MOST_AT_ONCE)
        throw new AdminError(
          "ERR_UNAVAILABLE",
          "two runs are under way: try again when one of them has ended",
        );
      running++;
      try {
        return context.json(await run(name, order), 200);
      } finally {
        running--;
      }
    },
  );

  async function run(name: string, order: TrialOrder) {
    const record = order.seq === undefined ? undefined : await findRecord(order.seq);
    const loaded = findVersion(findPolicy(name), order.version);
    const { bundle } = loaded;
    if (order.route !== undefined) requireRoute(view, order.route);
    const use = findUse(name, bundle.version, order.route ?? record?.route);
    if (order.route !== undefined && use.plan?.config.name !== order.route)
      throw new AdminError("ERR_CONFLICT", `the route "${order.route}" does not use "${name}"`);
    const path = use.plan?.config.path ?? "/";
    const connection = await readConnection(traffic, { path, record });
    const payload = payloadOf(order, record);
    const hook = chooseHook(order, record, loaded, payload);
    const time = record?.time ?? Date.now();
    const { runTrial } = await import("../../../trial/trial.ts");
    const config = view.config();
    const agreed = bundle.packed === undefined ? {} : { [name]: bundle.packed.grants };
    const result = await runTrial({
      bundles: [bundle],
      route: use.plan?.config ?? { contentType: JSON_MESSAGES, onError: "close" },
      sandbox: config.sandbox,
      grants: addPackGrants(config.capabilities.grants, agreed).grants,
      events: record === undefined ? [] : await answersSince(record.time),
      plan: () => ({
        chain: [use.binding],
        call: { ...connection, hook, time, ...(payload && { payload }) },
      }),
    }).catch((error: Error) => {
      if (error.name !== "SandboxError" && error.name !== "PoliciesError") throw error;
      throw new AdminError("ERR_CONFLICT", `it cannot be run: ${rules.redactText(error.message)}`);
    });
    const answer = viewTrial(result, rules);
    logger.info(
      { policy: name, version: bundle.version, hook, action: answer.action },
      "policy run on a message by an operator",
    );
    const hidden = order.message === undefined && record?.kind === "frame" ? noteHidden(record.payload) : [];
    return {
      ...answer,
      ...{ policy: name, version: bundle.version, route: use.plan?.config.name ?? "" },
      notes: [...connection.notes, ...hidden, ...noteUse(use, record), "Its `session` began empty."],
    };
  }

  async function findRecord(seq: number): Promise<TrafficRecord> {
    const record = await traffic.get(seq);
    if (record !== undefined) return record;
    throw new AdminError("ERR_NOT_FOUND", `no record ${seq} is kept`);
  }

  function findPolicy(name: string): PolicyState {
    const { policies } = view.policies();
    const found = policies.find((policy) => policy.name === name);
    if (found !== undefined) return found;
    const known = policies.map((policy) => policy.name).join(", ") || "none";
    throw new AdminError("ERR_NOT_FOUND", `no policy "${name}"; there are: ${known}`);
  }

  /** @param version whose options it gets: one on its way may have others */
  function findUse(policy: string, version: string, wanted: string | undefined): FoundUse {
    const routes = view.table()?.routes ?? [];
    const isUsing = (plan: RoutePlan) => plan.chain.some((binding) => binding.policy === policy);
    const named = routes.find(({ config }) => config.name === wanted);
    const plan = named !== undefined && isUsing(named) ? named : routes.find(isUsing);
    const binding = plan?.chain.find((each) => each.policy === policy);
    if (plan === undefined || binding === undefined)
      return { plan: undefined, binding: { policy, route: "", options: {} } };
    const { canaryOptions, options, route } = binding;
    const isCanary = canaryOptions?.version === version;
    return { plan, binding: { policy, route, options: isCanary ? canaryOptions.options : options } };
  }

  /** What policies were told from then on, as far as it is kept: an answer does not tell for which session it was. */
  async function answersSince(time: number): Promise<readonly RecordedEvent[]> {
    const { answers: kept } = await view.workers.capabilityAnswers();
    return kept
      .filter((answer) => answer.time >= time)
      .map((answer, index) => ({ type: "capability", ...answer, line: index + 1 }));
  }
}

interface FoundUse {
  /** Undefined: no route uses it. */
  readonly plan: RoutePlan | undefined;
  readonly binding: PolicyBinding;
}

function noteUse({ plan }: FoundUse, record: TrafficRecord | undefined): string[] {
  if (plan === undefined) return ["No route uses it: it had no options."];
  const { name } = plan.config;
  if (record === undefined || record.route === name) return [];
  return [`The route of the record does not use it: it had the options of ${name}.`];
}

function findVersion({ name, current, versions }: PolicyState, wanted: string | undefined): LoadedVersion {
  const found = wanted === undefined ? current : versions.find(({ bundle }) => bundle.version === wanted);
  if (found !== undefined) return found;
  throw wanted === undefined
    ? new AdminError("ERR_CONFLICT", `no version of "${name}" has ever loaded; its \`problem\` says why`)
    : new AdminError("ERR_NOT_FOUND", `version "${wanted}" of "${name}" is not kept; see its \`versions\``);
}

function payloadOf({ message }: TrialOrder, record: TrafficRecord | undefined): Payload | undefined {
  if (message !== undefined) return readMessageBody(message);
  if (record?.kind !== "frame") return undefined;
  const payload = payloadOfRecord(record);
  if (payload !== undefined) return payload;
  throw new AdminError(
    "ERR_CONFLICT",
    'the message is not kept whole: say in `message` what the policy is to get, or have the route keep more (`recording: { payload: "1MiB" }`)',
  );
}

function chooseHook(
  { hook }: TrialOrder,
  record: TrafficRecord | undefined,
  { bundle, exports }: LoadedVersion,
  payload: Payload | undefined,
): HookName {
  const wanted =
    hook ?? (record?.kind === "frame" ? record.origin : payload === undefined ? "upgrade" : "client");
  if (!exports.hooks.includes(wanted))
    throw new AdminError(
      "ERR_CONFLICT",
      `"${bundle.name}" has no \`${wanted}\` hook; it has: ${exports.hooks.join(", ") || "none"}`,
    );
  if ((wanted === "client" || wanted === "server") && payload === undefined)
    throw new AdminError(
      "ERR_REQUEST",
      `the \`${wanted}\` hook is for a message: say which in \`message\` or \`seq\``,
    );
  return wanted;
}

const JSON_OF_BOTH = { text: "application/json", binary: "application/json" };
const JSON_MESSAGES = { client: JSON_OF_BOTH, server: JSON_OF_BOTH };
