import type { SteeredWorker } from "../steering/steering-order.ts";
import type { Correspondence } from "./questions/correspondence.ts";
import type { QuestionAnswer, QuestionArgs, QuestionName } from "./questions/questions.ts";
import type { KnownNode } from "./report.ts";

/** Another node, as a job deals with it. Whoever does not answer in time has no part in the job any more. */
export function createRemoteNode(
  correspondence: Pick<Correspondence, "ask">,
  node: Pick<KnownNode, "node" | "holder">,
): SteeredWorker {
  async function ask<Name extends QuestionName>(
    name: Name,
    args: QuestionArgs<Name>,
  ): Promise<QuestionAnswer<Name>> {
    const { answers, unanswered } = await correspondence.ask(name, args, [node]);
    const [answer] = answers;
    if (answer === undefined) throw new Error(`${node.node} does not answer (${unanswered[0]?.reason})`);
    return answer.value;
  }

  return {
    node: node.node,
    selectSessions: async (order) => (await ask("selectSessions", order)).sessions,
    steerSessions: (id, count) => ask("steerSessions", { id, count }),
    async forgetSessions(id) {
      await ask("forgetSessions", { id });
    },
  };
}
