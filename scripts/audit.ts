/** Asks the registry for known vulnerabilities of what runs in production, and fails on those that are high or critical. */
import { execFile } from "node:child_process";
import { judgeAudit } from "./audit/judge.ts";

const TIMEOUT_MS = 60_000;

const report = await new Promise<string>((resolve) => {
  // What npm says in its exit code is in its report as well.
  execFile(
    "npm",
    ["audit", "--omit=dev", "--json"],
    { timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 },
    (_error, stdout) => resolve(stdout),
  );
});
const { isBad, lines } = judgeAudit(report);
process.stdout.write(`${lines.join("\n")}\n`);
process.exitCode = isBad ? 1 : 0;
