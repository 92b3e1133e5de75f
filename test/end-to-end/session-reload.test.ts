import test from "ava";
import { startGateway } from "../support/gateway.ts";
import { connectClient, echo, startServer } from "../support/peers.ts";
import { askUntil } from "../support/policies.ts";

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
