import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { createGateway, createLogger } from "../../core/index.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

test("grants and secrets follow the config, and a secret's value is never logged", async (t) => {
  const idp = createServer((request, response) => response.end(`hello ${request.headers.authorization}`));
  await new Promise<void>((resolve) => idp.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    idp.closeAllConnections();
    idp.close();
  });
  const { port } = idp.address() as AddressInfo;
  process.env.FRAMEGATE_TEST_KEY = "hunter2-of-the-test";
  t.teardown(() => {
    delete process.env.FRAMEGATE_TEST_KEY;
  });
  const server = await startServer(t);
  const routes = [{ path: "/*", upstream: server.url, policies: ["ask"] }];
  const secrets = { KEY: { env: "FRAMEGATE_TEST_KEY" } };
  const gateway = await startGateway(t, {
    policies: {
      "ask.ts": `export const client = async ({ secrets, log }) => {
        try {
          const key = await secrets.get("KEY");
          log.info("the key is " + key);
          const response = await fetch("http://127.0.0.1:${port}/", { headers: { authorization: key } });
          return { drop: true, reply: [[await response.text()]] };
        } catch (error) { return { drop: true, reply: [[error.message]] }; }
      };`,
    },
    routes,
    config: { secrets },
  });
  const client = await connectClient(t, gateway.url);
  const ask = async () => {
    client.send("1");
    return JSON.parse(String(await client.next()))[0] as string;
  };
  const reload = (grants: object) =>
    gateway.gateway.reload({
      ...resolveConfig(
        { listen: [{ host: "127.0.0.1", port: 0 }], policies: gateway.dir, routes, secrets, grants },
        { dir: "/" },
      ),
      policiesDir: gateway.dir,
    });
  t.regex(await ask(), /the secret "KEY" is not granted: add grants: \{ "ask": \{ secrets: \["KEY"\] \} \}/);
  await reload({ ask: { secrets: ["KEY"], fetch: { hosts: [`127.0.0.1:${port}`] } } });
  t.regex(await ask(), /add private: true/);
  await reload({ ask: { secrets: ["KEY"], fetch: { hosts: [`127.0.0.1:${port}`], private: true } } });
  t.is(await ask(), "hello hunter2-of-the-test");
  await gateway.logged(({ msg }) => msg.startsWith("the key is"));
  t.notRegex(JSON.stringify(gateway.log), /hunter2/);
  await reload({});
  t.regex(await ask(), /not granted/);
});

test("a secret without a value stops the start, and a reload leaves things as they are", async (t) => {
  const config = {
    console: false as const,
    workers: 0,
    secrets: { KEY: { env: "FRAMEGATE_TEST_NOT_SET" }, OTHER: { file: "/nowhere" } },
  };
  const error = await t.throwsAsync(createGateway(config, { logger: createLogger({ level: "silent" }) }));
  t.regex(error?.message ?? "", /secrets.KEY: expected the environment variable FRAMEGATE_TEST_NOT_SET/);
  t.regex(error?.message ?? "", /secrets.OTHER: expected the value in \/nowhere: ENOENT/);
});
