import test, { type ExecutionContext } from "ava";
import { findBarriers, useBrowser } from "../support/browser.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../support/peers/peers.ts";

const browser = useBrowser(test);
const guard = `export function client({ content }) {
  if (content.body === "fail") throw new Error("no such luck");
}`;

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: TestGateway;
let url: string;

/** One for all: it records nothing, has `/door` through a policy, and `/plain` spliced. */
test.before(async () => {
  const server = await startServer(scope);
  gateway = await startGateway(scope, {
    policies: { "guard.ts": guard },
    config: { console: { port: 0, token: false } },
    routes: [
      { name: "door", path: "/door", upstream: server.url, policies: ["guard"], onError: "drop" },
      { name: "plain", path: "/plain", upstream: server.url },
    ],
  });
  url = `http://127.0.0.1:${gateway.gateway.addresses.console!.port}`;
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const connect = (t: ExecutionContext, path: string) => connectClient(t, gateway.url + path);

test.serial(
  "where nothing is recorded each page says so; switched on from there, open sessions are recorded, then by the config again",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    const client = await connect(t, "/plain");
    client.send("before");
    await client.next();
    await page.goto(`${url}/overview`);
    await page.getByText("Recording is off").nth(1).waitFor();
    t.is(await page.getByText("was refused").count(), 0);

    await page.goto(`${url}/traffic/websockets`);
    await page.getByRole("button", { name: "Switch recording on" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("those that are open from their next frame on").waitFor();
    t.deepEqual(await findBarriers(page), []);
    await dialog.getByLabel("Of each payload").selectOption("4KiB");
    await dialog.getByRole("button", { name: "Record for 15 minutes" }).click();
    await page.getByText("No traffic yet").waitFor();
    client.send("after");
    await client.next();
    await page.locator(".row.frame", { hasText: "after" }).first().waitFor();
    t.is(await page.locator(".row.frame", { hasText: "before" }).count(), 0);

    t.is((await refusedUpgrade(`${gateway.url}/nowhere`)).status, 404);
    await page.goto(`${url}/overview`);
    await page.getByRole("link", { name: "Refused 1 upgrade in" }).click();
    await page.locator(".row.upgrade", { hasText: "/nowhere" }).waitFor();
    t.is(await page.locator(".row.trouble").count(), 0);

    await page.goto(`${url}/traffic/websockets`);
    await page.getByRole("button", { name: "Recording: change it" }).click();
    await dialog.getByText("all routes", { exact: true }).first().waitFor();
    await dialog.getByText(/[2-9] records so far/).waitFor();
    await dialog.getByText("What is recorded now").click();
    t.deepEqual(await findBarriers(page), []);
    await dialog.getByRole("button", { name: "As in the config" }).click();
    await page.getByText("recorded as the config says").waitFor();
    await dialog.getByRole("button", { name: "Leave it as it is" }).click();
    await page.getByRole("button", { name: "Not recording: change it" }).waitFor();
  },
);

test.serial(
  "what fails is seen on every page, and is not green; a policy that was rolled back says to which version",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    const client = await connect(t, "/door");
    await page.goto(`${url}/policies/guard`);
    await page.getByText("running", { exact: true }).waitFor();
    t.is(await page.getByRole("complementary", { name: "Problems" }).count(), 0);
    client.send("fail");
    await page.getByText("failing", { exact: true }).first().waitFor();
    for (const path of ["/traffic/http", "/sessions", "/drains", "/test-client", "/policies"]) {
      await page.goto(url + path);
      await page.getByRole("link", { name: "guard failed once in the last minutes" }).waitFor();
    }
    t.deepEqual(await findBarriers(page), []);
    await page.getByRole("link", { name: "guard failed once" }).click();
    await page.waitForURL(`${url}/policies/guard`);

    await gateway.write("guard.ts", guard.replace("no such", "no better"));
    await page.getByText("running", { exact: true }).waitFor();
    await page.getByRole("complementary", { name: "Problems" }).waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "Versions 2" }).click();
    await page.getByRole("button", { name: "Roll back" }).nth(1).click();
    await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
    const said = page.getByText(/^rolled back to [0-9a-f]{8}$/).first();
    await said.waitFor();
    const { version } = gateway.gateway.policies()[0]!.current!.bundle;
    t.is(await said.textContent(), `rolled back to ${version.slice(0, 8)}`);
    await page.getByRole("button", { name: "Compare" }).first().click();
    const diff = page.getByRole("region", { name: "Difference of two versions" });
    await diff.locator(".removed", { hasText: "no such luck" }).waitFor();
    await diff.locator(".added", { hasText: "no better luck" }).waitFor();
    t.deepEqual(await findBarriers(page), []);
    await diff.getByRole("button", { name: "Side by side" }).click();
    await diff.locator(".version-pair", { hasText: "no such luck" }).getByText("no better luck").waitFor();
    t.deepEqual(await findBarriers(page), []);
  },
);

test.serial("a route that is switched off closes its sessions: how many is asked first", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const clients = await Promise.all([connect(t, "/plain"), connect(t, "/plain")]);
  await page.goto(`${url}/overview`);
  await page.getByRole("switch", { name: "plain takes connections" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("2 sessions are open there now").waitFor();
  t.deepEqual(await findBarriers(page), []);
  await dialog.getByRole("button", { name: "Leave it on" }).click();
  clients[0]!.send("still here");
  t.is(await clients[0]!.next(), "still here");
  await page.getByRole("switch", { name: "plain takes connections" }).click();
  await dialog.getByRole("button", { name: "Switch it off and close 2" }).click();
  for (const { closed } of clients) t.is((await closed).code, 1001);
  await page.getByRole("switch", { name: "plain takes connections" }).click();
  await page.getByText("plain takes connections again").waitFor();
});

test.serial(
  "the charts say their values under the pointer and to the arrow keys, and times as percentiles",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    const client = await connect(t, "/plain");
    for (let count = 0; count < 40; count++) {
      client.send("hi");
      await client.next();
    }
    await page.goto(`${url}/overview`);
    const times = page.getByRole("slider", { name: "Time in the gateway" });
    await times.and(page.locator("[aria-valuetext*='µs']")).waitFor();
    t.regex(
      (await times.getAttribute("aria-valuetext")) ?? "",
      /^now: p99 \S+ [µm]s, p50 \S+ [µm]s, policies \(mean\) /,
    );
    await times.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await times
      .and(page.locator("[aria-valuetext^='1'], [aria-valuetext^='2'], [aria-valuetext^='0']"))
      .waitFor();
    const point = times.locator(".chart-point");
    await point.getByText("p99").waitFor();
    t.deepEqual(await findBarriers(page), []);
    await page.keyboard.press("Escape");
    await point.waitFor({ state: "detached" });
    const tile = page.locator(".tile", { hasText: "Time in the gateway" });
    await tile.locator(".tile-value.past", { hasText: /[µm]s/ }).waitFor();
    t.notRegex(await tile.innerText(), /–/, "nothing is said that is not known");

    const errors = page.getByRole("slider", { name: "Refusals and errors" });
    await errors.hover();
    await errors.locator(".chart-point").getByText("faults").waitFor();
  },
);

test.serial(
  "a session's page says that it has ended as soon as it has, and asks no more whether to close it",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    const client = await connect(t, "/plain");
    const api = `${url}/api/v1`;
    const listed = await fetch(`${api}/sessions?route=plain`);
    const { sessions } = (await listed.json()) as { readonly sessions: readonly [{ readonly id: string }] };
    await page.goto(`${url}/sessions/${sessions[0].id}`);
    await page.getByText("Recording is off for plain").waitFor();
    const body = JSON.stringify({ sample: 1, route: "plain" });
    await fetch(`${api}/recording-switches`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body,
    });
    client.send("from here on");
    await client.next();
    await page.getByText("Recorded from here on: what was before is not there").waitFor();
    await page.getByRole("button", { name: "Close this session" }).click();
    await page.getByRole("dialog").waitFor();
    client.close(1000);
    await page.getByText("ended 1000", { exact: true }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    t.deepEqual(await findBarriers(page), []);
    await fetch(`${api}/recording-switches?route=plain`, { method: "DELETE" });
  },
);

test.serial(
  "records in a Postgres that is away cannot be read: said as that, with a way to try again, and as a sink that takes nothing",
  async (t) => {
    const page = await browser.open(t, { expected: /503/ });
    if (page === undefined) return;
    const away = await startGateway(t, {
      routes: [{ path: "/*", upstream: "ws://127.0.0.1:9", recording: true }],
      config: {
        sinks: [{ name: "shared", postgres: { url: "postgres://nobody@127.0.0.1:9/none" }, every: "10ms" }],
        traffic: { readFrom: "shared" },
        console: { port: 0, token: false },
      },
    });
    await page.goto(`http://127.0.0.1:${away.gateway.addresses.console!.port}/overview`);
    const problems = page.getByRole("region", { name: "Problems" });
    await problems.getByText("cannot be read at the moment").waitFor();
    await problems.getByText("takes no records of traffic").waitFor();
    await page.getByText("What is recorded cannot be read").nth(1).waitFor();
    await page.getByRole("button", { name: "Try again" }).first().click();
    t.is(await page.getByText("Loading…").count(), 0);
    t.deepEqual(await findBarriers(page), []);
  },
);
