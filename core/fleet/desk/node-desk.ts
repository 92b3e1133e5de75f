import type { SessionsQuery } from "../../engine/live-session.ts";
import type { SteeringJobs } from "../../steering/steering-jobs.ts";
import type { QuestionMethods } from "../../workers/requests.ts";
import type { ShownPage } from "../questions/answer-schemas.ts";
import type { Desk } from "./desk.ts";
import { mergeNodePages } from "./merge-pages.ts";
import { showJob } from "./shown-job.ts";
import { type ShownBy, showSession } from "./shown-session.ts";

export interface NodeDeskOptions {
  readonly workers: Pick<
    QuestionMethods,
    "sessions" | "countSessions" | "closeSession" | "say" | "renewSessions"
  >;
  readonly steering: Pick<SteeringJobs, "start" | "list" | "stop">;
  readonly rules: ShownBy;
  /** "" where there is no fleet. */
  readonly node: string;
}

/** As it goes to other nodes: nothing that is hidden leaves this one. */
export async function readNodePage(
  { workers, rules }: Pick<NodeDeskOptions, "workers" | "rules">,
  query: SessionsQuery,
): Promise<ShownPage> {
  const { sessions, ...counts } = await workers.sessions(query);
  const page = sessions.slice(0, query.limit);
  return { ...counts, sessions: page.map((session) => showSession(session, rules)) };
}

/** Of this gateway alone. */
export function createNodeDesk({ workers, steering, rules, node }: NodeDeskOptions): Desk {
  const whole = { unanswered: [] };
  return {
    async list(query) {
      const page = await readNodePage({ workers, rules }, query);
      return { ...whole, ...mergeNodePages([{ node, page }], query.limit) };
    },
    count: async (filter) => ({ ...whole, sessions: await workers.countSessions(filter) }),
    close: async (id, status) => ({ ...whole, done: await workers.closeSession(id, status) }),
    say: async (id, message) => ({ ...whole, outcome: (await workers.say(id, message)) ?? null }),
    async renew(id) {
      const [renewal] = await workers.renewSessions([id]);
      return { ...whole, outcome: renewal?.outcome ?? null };
    },
    steer: async (wish) => ({ ...showJob(await steering.start(wish)), node }),
    jobs: async () => ({ ...whole, jobs: steering.list().map((job) => ({ ...showJob(job), node })) }),
    stopJob: async (id) => ({ ...whole, done: steering.stop(id) }),
  };
}
