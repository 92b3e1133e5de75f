import { createRoute, z } from "@hono/zod-openapi";
import type { Logger } from "../../log.ts";
import type { PolicyRollout } from "../../rollout/settled.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";
import { type Api, answers, jsonBody, nameParam } from "./api.ts";
import { type RolloutView, rolloutAnswerSchema, rolloutsSchema } from "./rollout-schema.ts";
import { describeEnded, describeRollout } from "./rollout-view.ts";

export interface RolloutsParts {
  readonly view: Pick<GatewayView, "rollouts">;
  readonly logger: Logger;
}

const SHARE_TEXT = 'a share of the sessions such as "50%", above 0% and up to 100%';
const promoteSchema = z.strictObject({
  to: z
    .string()
    .refine((text) => shareOf(text) !== undefined, { error: `expected ${SHARE_TEXT}` })
    .optional()
    .describe('The share, such as "100%"; absent: that of the next step.'),
});

/** Versions of policies that come step by step, and what operators say of them. */
export function addRollouts(api: Api, { view, logger }: RolloutsParts): void {
  api.openapi(
    createRoute({
      method: "get",
      path: "/rollouts",
      summary: "Rollouts",
      responses: answers(
        rolloutsSchema,
        "Versions of policies that are on their way, or were taken back, and how the last ones ended.",
      ),
    }),
    async (context) =>
      context.json({ rollouts: await describeAll(), ended: view.rollouts.ended().map(describeEnded) }, 200),
  );

  api.openapi(
    createRoute({
      method: "post",
      path: "/rollouts/{name}/promote",
      summary: "Go on to the next step, or to a share",
      description: "A version that was taken back begins anew, at its first step unless a share is given.",
      request: { params: nameParam("policy"), body: { ...jsonBody(promoteSchema), required: false } },
      responses: answers(rolloutAnswerSchema, "The rollout as it is after it, in all workers."),
    }),
    async (context) => {
      const { to } = context.req.valid("json");
      const { name } = context.req.valid("param");
      const share = to === undefined ? undefined : shareOf(to);
      return context.json(await tell(name, { type: "promote", to: share }), 200);
    },
  );

  for (const [type, summary] of Object.entries(WORDS) as [keyof typeof WORDS, string][]) {
    api.openapi(
      createRoute({
        method: "post",
        path: `/rollouts/{name}/${type}`,
        summary,
        request: { params: nameParam("policy") },
        responses: answers(rolloutAnswerSchema, "The rollout as it is after it, in all workers."),
      }),
      async (context) => context.json(await tell(context.req.valid("param").name, { type }), 200),
    );
  }

  async function describeAll(): Promise<RolloutView[]> {
    return (await Promise.all(view.rollouts.views().map(describe))).flat();
  }

  async function describe(rollout: PolicyRollout): Promise<RolloutView[]> {
    const seen = view.rollouts.overview(rollout.policy).catch(({ message }: Error) => ({ problem: message }));
    return describeRollout(rollout, await seen);
  }

  async function tell(name: string, word: Parameters<GatewayView["rollouts"]["tell"]>[1]) {
    const before = await find(name);
    if (before === undefined) throw new AdminError("ERR_NOT_FOUND", wordNone(name));
    const { policy, version } = before;
    logger.info({ policy, version, ...word }, `policy rollout: an operator says ${word.type}`);
    const told = await view.rollouts.tell(name, word);
    if (told === "impossible") throw new AdminError("ERR_CONFLICT", refuse(before, word));
    if (told !== "done")
      throw new AdminError(
        "ERR_UNAVAILABLE",
        `${word.type}: the other machines cannot be told: ${told.problem}`,
      );
    return { rollout: (await find(name)) ?? null };
  }

  function wordNone(name: string): string {
    const none = `no version of "${name}" is on its way`;
    const last = view.rollouts.ended().find(({ policy }) => policy === name);
    if (last === undefined) {
      const known = view.rollouts.views().map(({ policy }) => policy);
      return `${none}; there are: ${known.join(", ") || "none"}`;
    }
    const { version, outcome, at } = last;
    const end = outcome === "finished" ? outcome : `was ${outcome}`;
    return `${none}: the last, ${version}, ${end} at ${new Date(at).toISOString()}`;
  }

  async function find(name: string): Promise<RolloutView | undefined> {
    const own = view.rollouts.views().find(({ policy }) => policy === name);
    return own && (await describe(own))[0];
  }
}

const WORDS = {
  abort: "Take the version back",
  pause: "Stay at this step",
  resume: "Go on from this step",
} as const;

function refuse({ policy, version, state, share }: RolloutView, word: { readonly type: string }): string {
  const wanted = word.type === "promote" ? `a larger share than ${share * 100}%` : "another state for that";
  return `${word.type}: expected ${wanted}, but version ${version} of "${policy}" is ${state}`;
}

function shareOf(text: string): number | undefined {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  return percent > 0 && percent <= 100 ? percent / 100 : undefined;
}
