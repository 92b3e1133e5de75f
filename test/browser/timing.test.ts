import test from "ava";
import type { Page } from "playwright-core";
import { findBarriers, useBrowser } from "../support/browser.ts";
import { startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";
import { startHttp } from "../support/servers/http-server.ts";

const browser = useBrowser(test);

const stamp = `
export const upgrade = ({ request }) => request.path.endsWith("/secret")
  ? { reject: { status: 403, headers: { "X-Why": "no" }, body: "no" } }
  : { attributes: { user: "ada" }, headers: { "X-User": "ada" }, responseHeaders: { "X-Desk": "rates" } };
export const client = ({ content }) => content.body.startsWith("{") ? { content: { body: { ...content.json(), stamp: 1 } } } : undefined;`;
const sign = `
export const client = ({ content }) => content.body === "drop me"
  ? { drop: true }
  : content.body.startsWith("{") ? { content: { body: { ...content.json(), sign: "Ada" } } } : undefined;`;

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: TestGateway;
let url: string;

/** One for all: a chain of two policies, one that keeps little of a payload, plain HTTP behind them, and an upstream whose first server is away. */
test.before(async () => {
  const server = await startServer(scope);
  const http = await startHttp(scope, ({ url: asked }, response) => {
    if (asked === "/app/moved") return void response.writeHead(302, { Location: "/app/there" }).end();
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("X-Server", "one");
    response.end(JSON.stringify({ asked }));
  });
  const away = await startServer(scope);
  away.wss.close();
  const policies = ["stamp", "sign"];
  gateway = await startGateway(scope, {
    policies: { "stamp.ts": stamp, "sign.ts": sign },
    config: {
      console: { port: 0, token: false },
      recording: true,
      upstreams: { pair: { targets: [{ url: away.url }, { url: server.url }] } },
    },
    routes: [
      { name: "chain", path: "/chain", upstream: "pair", policies, recording: { payload: "4KiB" } },
      { name: "short", path: "/short", upstream: server.url, policies, recording: { payload: 16 } },
      {
        ...{ name: "app", path: "/app/*", upstream: http.url, http: "proxy", policies: ["stamp"] },
        recording: true,
      },
      { name: "socket", path: "/socket", upstream: server.url, recording: true },
    ],
  });
  url = `http://127.0.0.1:${gateway.gateway.addresses.console!.port}`;
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const detailOf = (page: Page) => page.getByRole("region", { name: "Detail", exact: true });

test.serial(
  "an upgrade is a waterfall: admission, hooks, a dial that failed and one that did not, server, 101",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    await connectClient(t, `${gateway.url}/chain`);
    await page.goto(`${url}/traffic/http?filter=route:chain`);
    await page.locator(".row.upgrade").click();
    await detailOf(page).getByRole("tab", { name: "Timing" }).click();
    const table = waterfallOf(page);
    const names = await table.getByRole("rowheader").allTextContents();
    const parts = [
      "Admission",
      "stamp upgrade",
      "Queue",
      "Dial 127",
      "Dial 127",
      "Server",
      "101 written",
      "Whole",
    ];
    t.is(names.length, parts.length, names.join());
    for (const [index, part] of parts.entries()) t.true(names[index]!.startsWith(part), names.join());
    await table.getByRole("row", { name: /ECONNREFUSED/ }).waitFor();
    for (const time of await table.getByRole("row").locator("td.right").allTextContents())
      t.regex(time, /^(\d{1,3}|\d\.\d{1,2}) (µs|ms|s)$/);
    t.deepEqual(await findBarriers(page), []);

    await table
      .getByRole("row", { name: /^Server/ })
      .locator(".waterfall-lane")
      .hover();
    await table.getByText(/^Server: .* to .*%$/).waitFor();
    await table.locator(".waterfall-tick.pointed").waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 844 });
    await table.waitFor();
    t.deepEqual(await findBarriers(page), []);
    t.is(await page.evaluate("document.documentElement.scrollWidth"), 390);

    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 800 });
    await openWhy(page);
    await waterfallOf(page)
      .getByRole("row", { name: /^101 written/ })
      .waitFor();
    t.deepEqual(await findBarriers(page), []);
  },
);

test.serial(
  "a plain request is one too, over a kept connection as well; a message has its policies and waits",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    const base = `http://127.0.0.1:${gateway.port}`;
    for (const path of ["/app/one", "/app/two"]) await (await fetch(base + path)).text();
    await page.goto(`${url}/traffic/http?filter=path:app`);
    const timing = () => detailOf(page).getByRole("tab", { name: "Timing" }).click();
    const firstWords = async () =>
      (await waterfallOf(page).getByRole("rowheader").allTextContents()).map((name) => name.split(" ")[0]);
    await page.locator(".row.request", { hasText: "/app/one" }).click();
    await timing();
    t.deepEqual(await firstWords(), ["Admission", "stamp", "Dial", "Request", "Server", "Answer", "Whole"]);
    await page.locator(".row.request", { hasText: "/app/two" }).click();
    await timing();
    await waterfallOf(page)
      .getByRole("row", { name: /^Kept connection 127/ })
      .waitFor();

    const client = await connectClient(t, `${gateway.url}/chain`);
    client.send("{}");
    await client.next();
    await page.goto(`${url}/traffic/websockets?filter=route:chain%20origin:client`);
    await page.locator(".row.frame").first().click();
    await timing();
    const names = await firstWords();
    t.deepEqual(
      names.filter((name) => name !== "Wait"),
      ["stamp", "sign", "Write", "Whole"],
    );
    t.deepEqual(await findBarriers(page), []);
    await openWhy(page);
    await waterfallOf(page).getByRole("row", { name: /^sign/ }).waitFor();
  },
);

async function openWhy(page: Page): Promise<void> {
  await detailOf(page).getByRole("button", { name: "Copy as, and more" }).click();
  await page.getByRole("menuitem", { name: "Why?" }).click();
}
const waterfallOf = (page: Page) => page.getByRole("table", { name: "Where the time went" });

test.serial(
  "what each policy got and made of a message is shown step by step, and what is not kept is said",
  async (t) => {
    const page = await browser.open(t);
    if (page === undefined) return;
    for (const path of ["/chain", "/short"]) {
      const client = await connectClient(t, gateway.url + path);
      client.send(JSON.stringify({ text: "a word or two of Ada's" }));
      await client.next();
      client.send("drop me");
    }
    const step = (number: number) => page.locator(".path > li").nth(number);
    const open = async (route: string, filter: string) => {
      await page.goto(`${url}/traffic/websockets?filter=${encodeURIComponent(`route:${route} ${filter}`)}`);
      await page.locator(".row.frame").last().click();
      await detailOf(page)
        .getByRole("tab", { name: /^Policies/ })
        .click();
    };
    await open("chain", "origin:client outcome:replaced word");
    await step(1).locator(".diff-line.added", { hasText: '"stamp": 1' }).waitFor();
    t.is(await step(1).getByText("sign").count(), 0);
    await step(2).locator(".diff-line.added", { hasText: '"sign": "Ada"' }).waitFor();
    t.is(await step(2).locator(".diff-line.added", { hasText: "stamp" }).count(), 0);
    t.deepEqual(await findBarriers(page), []);
    const look = (name: string) =>
      step(2).getByRole("group", { name: "What sign got and made" }).getByRole("button", { name });
    await look("In").click();
    await step(2).getByText('"stamp"').first().waitFor();
    t.is(await step(2).getByText('"sign"').count(), 0);
    await look("Out").click();
    await step(2).getByText('"sign"').first().waitFor();
    t.deepEqual(await findBarriers(page), []);

    await open("chain", "outcome:dropped");
    await step(1).getByText("It went on as it came.").waitFor();
    await step(2).getByText("It went no further.").waitFor();

    await open("short", "origin:client outcome:replaced");
    await step(1)
      .getByText(/^Of \d+ B the first 16 B are kept/)
      .waitFor();
    await openWhy(page);
    await step(2)
      .getByText(/^Of \d+ B the first 16 B are kept/)
      .waitFor();
    t.deepEqual(await findBarriers(page), []);
  },
);

test.serial(
  "plain HTTP is told like upgrades: proxied, redirected and refused, with type, host and both legs",
  async (t) => {
    const page = await browser.open(t, { viewport: { width: 1920, height: 900 } });
    if (page === undefined) return;
    const base = `http://127.0.0.1:${gateway.port}`;
    const ask = async (path: string) => (await fetch(base + path, { redirect: "manual" })).text();
    for (const path of ["/app/three?token=hunter2", "/app/moved", "/app/secret", "/socket", "/nowhere"])
      await ask(path);
    await page.goto(`${url}/traffic/http?kind=request`);
    const row = (text: string) => page.locator(".row.request", { hasText: text }).first();
    const cell = (text: string, column: string) => row(text).locator(`.c-${column}`);
    const host = `127.0.0.1:${gateway.port}`;
    await row("/app/three").waitFor();
    t.is(await cell("/app/three", "type").textContent(), "application/json");
    t.is(await cell("/app/three", "method").textContent(), "GET");
    t.is(await cell("/app/three", "host").textContent(), host);
    t.regex((await cell("/app/three", "server").textContent()) ?? "", /^127\.0\.0\.1:\d+\/app\/three/);
    t.regex((await cell("/app/three", "took").textContent()) ?? "", /(µs|ms|s)$/);
    t.is(await cell("/app/moved", "path").textContent(), "/app/moved → /app/there");
    for (const [path, status] of [
      ["/app/three", 200],
      ["/app/moved", 302],
      ["/app/secret", 403],
      ["/socket", 426],
      ["/nowhere", 404],
    ] as const)
      t.is(await cell(path, "status").textContent(), String(status));
    t.deepEqual(await findBarriers(page), []);

    const detail = detailOf(page);
    const section = (title: string) => detail.locator(".headers", { hasText: title });
    await row("/app/three").click();
    await section("Gateway → server").getByText("X-User").waitFor();
    await section("Server → gateway").getByText("X-Server").waitFor();
    await section("Gateway → client").getByText("X-Desk").waitFor();
    t.is(await section("Client → gateway").getByText("X-User").count(), 0);
    t.false((await page.content()).includes("hunter2"));
    t.deepEqual(await findBarriers(page), []);
    await row("/app/moved").click();
    await detail.getByText("It sends the client to /app/there").waitFor();
    await row("/socket").click();
    await detail.getByText("The gateway answered it by itself").waitFor();
    await row("/app/secret").click();
    await detail.getByText("ERR_REJECTED").waitFor();
    t.is(await section("Gateway → server").count(), 0);
  },
);
