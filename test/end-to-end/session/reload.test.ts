import test from "ava";
import { resolveConfig } from "../../../core/config/index.ts";
import { ask } from "../../admin/console.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";
import { askUntil } from "../../support/policies.ts";
import { startUpgradeServer } from "../../support/servers/upgrade-server.ts";

const saying = (text: string): string => `export const server = () => ({ content: { body: "${text}" } });`;

test("a changed policy closes the connections of routes that recycle, and of no others", async (t) => {
  const server = await startServer(t, echo);
  const upstream = server.url;
  const recycle = { upstream, reload: "recycle", recycleSpread: "200ms", contentType: "text/plain" } as const;
  const gateway = await startGateway(t, {
    policies: { "a.ts": saying("one"), "b.ts": saying("two") },
    routes: [
      { path: "/recycled", ...recycle, policies: ["a"] },
      { path: "/untouched", ...recycle, policies: ["b"] },
      { path: "/swapped", ...recycle, policies: ["a"], reload: "swap" },
    ],
  });
  const connect = (path: string) => connectClient(t, gateway.url + path);
  const recycled = await Promise.all([1, 2, 3].map(() => connect("/recycled")));
  const [untouched, swapped] = await Promise.all([connect("/untouched"), connect("/swapped")]);

  await gateway.write("a.ts", saying("three"));
  for (const client of recycled) t.deepEqual(await client.closed, { code: 1012, reason: "route reloaded" });
  await askUntil(swapped, "?", (answer) => answer === "three");
  untouched.send("?");
  t.is(await untouched.next(), "two");
  const again = await connect("/recycled");
  again.send("?");
  t.is(await again.next(), "three");
});

test("a connection whose route changes between its `upgrade` hooks and its 101 is closed as well", async (t) => {
  const [echoing, waiting] = [await startServer(t, echo), await startUpgradeServer(t)];
  const recycle = { upstream: waiting.url, reload: "recycle", recycleSpread: 0 } as const;
  const gateway = await startGateway(t, {
    policies: { "a.ts": saying("one"), "b.ts": saying("two") },
    routes: [
      { path: "/recycled", ...recycle, policies: ["a"] },
      { path: "/untouched", ...recycle, policies: ["b"] },
      { path: "/swapped", upstream: echoing.url, policies: ["a"], contentType: "text/plain" },
    ],
  });
  const connect = (path: string) => connectClient(t, gateway.url + path);
  const connecting = [connect("/recycled"), connect("/untouched")] as const;
  // Their `upgrade` hooks have run: the server has been asked.
  const asked = await Promise.all(["/recycled", "/untouched"].map((path) => waiting.upgrade(path)));
  await gateway.write("a.ts", saying("three"));
  await askUntil(await connect("/swapped"), "?", (answer) => answer === "three");
  const [, peer] = await Promise.all(asked.map((upgrade) => upgrade.accept()));
  const [recycled, untouched] = await Promise.all(connecting);
  t.deepEqual(await recycled.closed, { code: 1012, reason: "route reloaded" });
  peer?.send("?");
  t.is(await untouched.next(), "two");
});

test("a route that is removed keeps its sessions where it says so: they go on, and are listed", async (t) => {
  const { url: upstream } = await startServer(t, echo);
  const kept = { path: "/kept", upstream, onRemove: "keep" } as const;
  const others = [
    { path: "/drained", upstream, onRemove: { drain: "1h" } },
    { path: "/closed", upstream, recycleSpread: 0 },
  ] as const;
  const config = { console: { port: 0, token: false } } as const;
  const { gateway, url } = await startGateway(t, { config, routes: [kept, ...others] });
  const connect = (path: string) => connectClient(t, url + path);
  const [keeping, draining, closing] = await Promise.all([kept, ...others].map(({ path }) => connect(path)));
  await gateway.reload(resolveConfig({ listen: [{ port: 0 }], routes: [] }, { dir: "/" }));
  t.deepEqual(await closing!.closed, { code: 1001, reason: "route is removed" });
  for (const client of [keeping, draining]) {
    client!.send("?");
    t.is(await client!.next(), "?");
  }
  const { port } = gateway.addresses.console!;
  const { json: listed } = await ask(port, "/api/v1/sessions");
  t.deepEqual(listed.sessions.map(({ route }: { route: string }) => route).sort(), ["/drained", "/kept"]);
});
