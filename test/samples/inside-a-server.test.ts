import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { connectClient, refusedUpgrade, startServer } from "../support/peers/peers.ts";

const root = new URL("../../", import.meta.url);
/** What the package exports, from its sources. */
const EXPORTS: Readonly<Record<string, string>> = {
  '"framegate"': "core/index.ts",
  '"framegate/express"': "core/attach/adapters/express.ts",
  '"framegate/fastify"': "core/attach/adapters/fastify.ts",
  '"framegate/hono"': "core/attach/adapters/hono.ts",
};

interface Started {
  readonly server: Server;
  stop(): Promise<void>;
}

let dir = "";
test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), "framegate-"));
  await cp(new URL("samples/inside-a-server", root), dir, { recursive: true });
  await symlink(fileURLToPath(new URL("node_modules", root)), join(dir, "node_modules"));
  for (const name of (await readdir(dir)).filter((each) => each.endsWith(".ts"))) {
    let text = await readFile(join(dir, name), "utf8");
    for (const [from, to] of Object.entries(EXPORTS))
      text = text.replaceAll(from, JSON.stringify(new URL(to, root).href));
    await writeFile(join(dir, name), text);
  }
});

test.after.always(() => rm(dir, { recursive: true, force: true }));

test("samples/inside-a-server: in a folder of its own it is started and ended as programs are", async (t) => {
  const { type } = JSON.parse(await readFile(join(dir, "package.json"), "utf8"));
  t.is(type, "module");
  for (const file of ["node", "express", "fastify", "hono"])
    t.regex(await readFile(join(dir, `${file}.ts`), "utf8"), /once\("SIGTERM", \(\) => stop\(\)/, file);
});

for (const [file, start] of [
  ["node", "startNode"],
  ["express", "startExpress"],
  ["fastify", "startFastify"],
  ["hono", "startHono"],
] as const) {
  test.serial(
    `samples/inside-a-server: ${file}: the gateway has its routes, the application all else`,
    async (t) => {
      const sample = await import(join(dir, `${file}.ts`));
      const { server, stop }: Started = await sample[start](0, (await startServer(t)).url);
      t.teardown(stop);
      if (!server.listening) await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const client = await connectClient(t, `ws://127.0.0.1:${port}/chat`);
      client.send("tea");
      t.is(await client.next(), "tea, please");
      t.is((await refusedUpgrade(`ws://127.0.0.1:${port}/elsewhere`)).status, 404);
      const page = await fetch(`http://127.0.0.1:${port}/`);
      t.is(await page.text(), "the application's own page\n");
      // A plain request on the gateway's route: of a bare server's the gateway hears nothing.
      t.is((await fetch(`http://127.0.0.1:${port}/chat`)).status, file === "node" ? 200 : 426);
      const closed = once(server, "close");
      await stop();
      t.is((await client.closed).code, 1001);
      await closed;
    },
  );
}
