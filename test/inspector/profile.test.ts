import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import { runCommand } from "../cli/in-process.ts";
import { makeFolder } from "../config/folder.ts";
import { startInspected } from "./inspected.ts";

const busy = `export const client = ({ content }) => {
  const found = [];
  for (let number = 2; found.length < 1500; number++) if (isPrime(number)) found.push(number);
  kept.push(new Kept(found));
  return { content: { body: found.length } };
};

class Kept {
  constructor(found) { this.found = found; }
}
const kept = [];

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor < number; divisor++) if (number % divisor === 0) return false;
  return true;
}
`;

test("profile: where the time goes, in the lines of the .ts file", async (t) => {
  const dir = await makeFolder(t);
  const { connect, debug, file } = await startInspected(t, busy);
  const client = await connect("/inspected");
  const { port } = new URL(debug);
  const profiling = runCommand(["profile", "inspected", "--seconds", "2", "--inspect-port", port], dir);
  let isDone = false;
  void profiling.then(() => {
    isDone = true;
  });
  while (!isDone) {
    client.send("x");
    await client.next();
  }
  t.deepEqual(await profiling, {
    exitCode: 0,
    stdout: "Wrote inspected.cpuprofile. Open it in Chrome DevTools (Performance).\n",
    stderr: "",
  });
  const { nodes } = JSON.parse(await readFile(join(dir, "inspected.cpuprofile"), "utf8"));
  const found = nodes.find(
    (node: { callFrame: { functionName: string } }) => node.callFrame.functionName === "isPrime",
  );
  t.like(found.callFrame, { url: pathToFileURL(file).href, lineNumber: 12 });
});

test("profile --heap: what the policy holds", async (t) => {
  const dir = await makeFolder(t);
  const { connect, debug } = await startInspected(t, busy);
  const client = await connect("/inspected");
  client.send("x");
  await client.next();
  const { port } = new URL(debug);
  const args = ["profile", "inspected", "--heap", "--out", "mine.heapsnapshot", "--inspect-port", port];
  t.is((await runCommand(args, dir)).exitCode, 0);
  const snapshot = JSON.parse(await readFile(join(dir, "mine.heapsnapshot"), "utf8"));
  t.true(snapshot.strings.includes("Kept"));
  client.send("x");
  t.is(String(await client.next()), "1500");
});

test("profile of what is not there says what to do", async (t) => {
  const { debug } = await startInspected(t, busy);
  const { port } = new URL(debug);
  const { exitCode, stderr } = await runCommand(["profile", "another", "--inspect-port", port]);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `framegate: On port ${port} there is "policy inspected" to profile. Run \`framegate dev --inspect another\` first.\n`,
  );
});
