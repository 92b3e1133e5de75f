import test from "ava";
import type { TestClient } from "../../support/peers/peers.ts";
import { startPolicies } from "../../support/policies.ts";

interface Answer {
  readonly n: number;
  readonly client: number;
  readonly server: number;
  readonly count: number;
}

const policy = (version: number, isAsync: boolean) => `
  const tag = (key, { content, session }) => {
    session[key] = (session[key] ?? 0) + 1;
    return { content: { body: { ...content.json(), [key]: ${version}, count: session.client } } };
  };
  export const client = ${isAsync ? "async (context) => { await null; await null; return tag('client', context); }" : "(context) => tag('client', context)"};
  export const server = (context) => tag("server", context);`;

const versions = 12;
const connections = 6;
/** Messages of a connection that are on their way at a time. */
const inFlight = 64;

test("reloads at full speed: nothing is lost, doubled or out of order, no connection ends, versions only go up", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "tag.ts": policy(1, false) });
  const clients = await Promise.all(Array.from({ length: connections }, () => connect()));
  const newest: number[] = clients.map(() => 0);
  let ended = 0;
  for (const { ws } of clients) ws.once("close", () => ended++);
  let isOver = false;
  let wake = (): void => {};

  const flows = clients.map(async (client, index) => {
    let last: Answer = { n: 0, client: 0, server: 0, count: 0 };
    let sent = 0;
    while (!isOver || last.n < sent) {
      while (!isOver && sent - last.n < inFlight) client.send(JSON.stringify({ n: ++sent }));
      const answer = JSON.parse(String(await client.next())) as Answer;
      if (answer.n !== last.n + 1) throw new Error(`${answer.n} came after ${last.n} on connection ${index}`);
      if (answer.client < last.client || answer.server < last.server || answer.server < answer.client)
        throw new Error(`an older version came back: ${JSON.stringify([last, answer])}`);
      if (answer.count < answer.n) throw new Error(`session state was lost: ${JSON.stringify(answer)}`);
      last = answer;
      if (answer.client !== newest[index]) {
        newest[index] = answer.client;
        wake();
      }
    }
    return last;
  });
  const failed = Promise.all(flows);

  for (let version = 2; version <= versions; version++) {
    if (version % 4 === 0) await gateway.write("tag.ts", "export const client = (;");
    await gateway.write("tag.ts", policy(version, version % 2 === 0));
    while (newest.some((seen) => seen < version))
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), failed]);
  }
  isOver = true;
  const lasts = await failed;
  for (const { n, client, server, count } of lasts) {
    t.true(n > versions);
    t.deepEqual({ client, server, count }, { client: versions, server: versions, count: n });
  }
  t.is(ended, 0);
  t.false(gateway.log.some(({ msg }) => /session ended/.test(msg)));
});

test("a reload while async hooks of the old version are under way: they settle in it, in order", async (t) => {
  // On a busy machine 300 hooks at a time may take longer than the default allows, which is not what this is about.
  const config = { sandbox: { warmSpare: false, messageTimeout: "5s" } } as const;
  const { connect, gateway } = await startPolicies(t, { "slow.ts": slow("v1") }, { config });
  const client = await connect();
  const answers: string[] = [];
  client.send("turns");
  answers.push((await client.next()) as string);
  for (let n = 0; n < 300; n++) client.send("turns");
  await gateway.write("slow.ts", slow("v2"));
  await readUntil(client, answers, (answer) => answer.startsWith("v2"));
  const numbers = answers.map((answer) => Number(answer.split(" ")[1]));
  t.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  const changes = answers.filter(
    (answer, index) => index > 0 && answer.slice(0, 2) !== answers[index - 1]?.slice(0, 2),
  );
  t.is(changes.length, 1);
});

function slow(version: string): string {
  return `export const client = async ({ frame }) => {
    for (let turn = 0; turn < 2000; turn++) await null;
    return { content: { body: "${version} " + frame.sequence } };
  };`;
}

async function readUntil(
  client: TestClient,
  answers: string[],
  isLast: (answer: string) => boolean,
): Promise<void> {
  for (;;) {
    const answer = String(await client.next());
    answers.push(answer);
    if (isLast(answer)) return;
    client.send("turns");
  }
}
