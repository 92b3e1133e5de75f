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
      ["stamp", "sign", "Whole"],
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
