import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";
import { startCli } from "../cli/process.ts";
import { writeConfig } from "../support/gateways/gateway-process.ts";
import { connectClient } from "../support/peers/peers.ts";

export const inspected = `import type { Message } from "framegate/policy";

interface Greeting {
  readonly text: string;
}

export const client: Message = async ({ content }) => {
  const { text } = content.json<Greeting>();
  await undefined;
  const greeting = text.toUpperCase();
  return { content: { body: { greeting } } };
};
`;
/** Of the greeting. */
export const LINE = 10;

/** `framegate dev --inspect inspected`, beside it a policy `other` with a route of its own. */
export async function startInspected(t: ExecutionContext, code = inspected) {
  const route = (path: string, policy: string) => ({
    path,
    upstream: "http://127.0.0.1:1",
    policies: [policy],
  });
  const dir = await writeConfig(t, {
    routes: [route("/inspected", "inspected"), route("/other", "other")],
    grants: { inspected: { kv: true } },
    sandbox: { warmSpare: false, messageTimeout: "200ms", silence: "1s", asyncTimeout: "200ms" },
  });
  const write = async (name: string, text: string) => {
    const file = join(dir, "policies", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  const file = await write("inspected.ts", code);
  await write(
    "other.ts",
    "export const client = ({ content }) => ({ content: { body: { other: content.json() } } });",
  );
  const gateway = startCli(t, ["dev", "--echo", "--inspect", "inspected", "--inspect-port", "0"], dir);
  const [, url] = await gateway.output(/Connect +(ws:\/\/[^/]+)/);
  const [, debug] = await gateway.output(/Debug +(ws:\S+)/);
  const connect = (path: string) => connectClient(t, url + path);
  return { dir, gateway, connect, debug: debug!, file, write };
}
