import { dismissAhead, forkAhead } from "../core/workers/fork-process.ts";
import { lookForTools } from "../sandbox/client/jail/jail.ts";
import { keepCompiled } from "./compile-cache.ts";
import { endWithReader } from "./output-end.ts";
import { wantsWorkerAhead } from "./worker-ahead.ts";

const args = process.argv.slice(2);
keepCompiled();
endWithReader(args);
// Before anything else is loaded, so that processes begin side by side.
if (wantsWorkerAhead(args)) {
  forkAhead();
  // Whoever needs them is told what is wrong.
  if (process.platform === "linux") lookForTools().catch(() => {});
}
const { execute } = await import("./execute.ts");
const exitCode = await execute(args);
dismissAhead();
if (exitCode !== 0) process.exit(exitCode);
