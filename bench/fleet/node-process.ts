/** One machine of `bench/fleet.ts`: `node-process.ts URL NODE SESSIONS`. Says `ready`, and answers what it is asked. */
import { readAnswer } from "./questions.ts";
import { startSimulatedNode } from "./simulated-node.ts";

const [, , url = "", node = "", sessions = "0"] = process.argv;
const simulated = await startSimulatedNode({ url, node, sessions: Number(sessions) });
process.on("message", async (question: Parameters<typeof readAnswer>[1]) => {
  process.send?.(await readAnswer(simulated.fleet, question));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
