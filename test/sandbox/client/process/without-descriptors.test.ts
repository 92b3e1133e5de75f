import { fileURLToPath } from "node:url";
import test from "ava";
import { startProcess } from "../../../cli/process.ts";

/** As many descriptors as it wants but the last few; so a start fails at each of its steps. */
const script = `
import { closeSync, openSync } from "node:fs";
import { findBundles } from "${urlOf("sandbox/bundles.ts")}";
import { findJail } from "${urlOf("sandbox/client/jail/jail.ts")}";
import { spawnHost } from "${urlOf("sandbox/client/process/host-process.ts")}";
import { DEFAULT_POLICY_LIMITS } from "${urlOf("sandbox/index.ts")}";

const { guest, hostMain } = await findBundles();
const jail = await findJail("off");
const end = () => new Promise((resolve) => {
  const host = spawnHost(hostMain, { ...DEFAULT_POLICY_LIMITS, guest }, jail);
  const settle = (word) => { host.kill(); host.exited.then(() => resolve(word)); };
  host.attach({
    onMessage: () => settle("ready"),
    onResults() {},
    onAsk() {},
    onExit: (detail) => settle(detail),
  });
});
const taken = [];
const fill = () => { try { for (;;) taken.push(openSync("/dev/null")); } catch {} };
const ends = [await end()];
for (let left = 0; left < 12; left++) {
  fill();
  for (const fd of taken.splice(0, left)) closeSync(fd);
  ends.push(await end());
}
for (const fd of taken) closeSync(fd);
console.log(JSON.stringify(ends));
`;

function urlOf(path: string): string {
  return String(new URL(`../../../../${path}`, import.meta.url));
}

test("without descriptors a host ends as if it had been started, and its worker goes on", async (t) => {
  const command = `ulimit -n 300; exec "${process.execPath}" --input-type=module -e '${script}'`;
  const root = fileURLToPath(new URL("../../../..", import.meta.url));
  const { exitCode, stdout, stderr } = await startProcess(t, "/bin/sh", ["-c", command], root).ended;
  t.is(exitCode, 0, stderr);
  const [first, ...ends] = JSON.parse(stdout) as string[];
  t.is(first, "ready");
  t.regex(ends[0]!, /^it could not be started: /);
  t.true(
    ends.some((end) => /no pipe to it/.test(end)),
    ends.join("\n"),
  );
  t.is(ends.at(-1), "ready");
});
