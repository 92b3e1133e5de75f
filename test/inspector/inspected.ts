import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { startDebugging } from "../../cli/inspector/debugging.ts";
import type { ConfigInput } from "../../core/index.ts";
import { type Running, startCli } from "../cli/process.ts";
import { writeFiles } from "../policies/temporary-folder.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { writeConfig } from "../support/gateways/gateway-process.ts";
import { connectClient, startServer, type TestClient } from "../support/peers/peers.ts";

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

export interface Inspected {
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  /** Where a debugger attaches. */
  readonly debug: string;
  connect(path: string): Promise<TestClient>;
}

/** What `framegate dev --inspect inspected` runs, in this process; beside it a policy `other` with a route of its own. */
export async function startInspected(
  t: ExecutionContext,
  code = inspected,
): Promise<Inspected & { readonly gateway: TestGateway; readonly file: string }> {
  const { newSandbox, describe, close } = (await startDebugging({ inspect: "inspected", inspectPort: 0 }))!;
  t.teardown(close);
  const { routes, ...config } = configOf((await startServer(t)).url);
  const policies = policiesOf(code);
  const gateway = await startGateway(t, { policies, routes, config, newSandbox });
  return {
    ...{ gateway, file: join(gateway.dir, "inspected.ts") },
    ...inspectedAt(t, gateway.url, DEBUG.exec(describe(["inspected"]))),
  };
}

/** The command itself, in a process of its own. */
export async function startInspectedProcess(
  t: ExecutionContext,
): Promise<Inspected & { readonly running: Running }> {
  const dir = await writeConfig(t, configOf("http://127.0.0.1:1"));
  await writeFiles(join(dir, "policies"), policiesOf(inspected));
  const running = startCli(t, ["dev", "--echo", "--inspect", "inspected", "--inspect-port", "0"], dir);
  const [, url = ""] = await running.output(/Connect +(ws:\/\/[^/]+)/);
  return { running, ...inspectedAt(t, url, await running.output(DEBUG)) };
}

const DEBUG = /Debug +(ws:\S+)/;

function inspectedAt(t: ExecutionContext, url: string, described: RegExpMatchArray | null): Inspected {
  return { url, debug: described?.[1] ?? "", connect: (path) => connectClient(t, url + path) };
}

function policiesOf(code: string): Readonly<Record<string, string>> {
  return {
    "inspected.ts": code,
    "other.ts": "export const client = ({ content }) => ({ content: { body: { other: content.json() } } });",
  };
}

function configOf(upstream: string): ConfigInput {
  const route = (path: string, policy: string) => ({ path, upstream, policies: [policy] });
  return {
    routes: [route("/inspected", "inspected"), route("/other", "other")],
    grants: { inspected: { kv: true } },
    sandbox: {
      ...{ warmSpare: false, os: "off" },
      ...{ messageTimeout: "500ms", silence: "1s", asyncTimeout: "200ms" },
    },
  };
}
