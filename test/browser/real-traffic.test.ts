import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import test from "ava";
import type { Page } from "playwright-core";
import { readSessions } from "../../core/recording/read-recording.ts";
import { findBarriers, useBrowser } from "../support/browser.ts";
import { startWatchedGateway } from "../support/gateways/watched-gateway.ts";
import { harSchema } from "../support/har-schema.ts";
import { refusedUpgrade } from "../support/peers/peers.ts";

const browser = useBrowser(test);

test("Traffic, HTTP: upgrades with the headers of both legs, accepted and refused, and who closed what", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ada", { headers: { "X-Team": "blue" } });
  await refusedUpgrade(`${gateway.url}/door`);
  await refusedUpgrade(`${gateway.url}/nowhere`);
  client.send("end me");
  t.is((await client.closed).code, 4001);

  await page.goto(`${gateway.consoleUrl}/traffic/http`);
  const detail = page.getByRole("region", { name: "Detail", exact: true });
  const section = (title: string) => detail.locator(".headers", { hasText: title });
  await rowOf(page, "upgrade", 101).click();
  await section("Client → gateway").getByText("X-Team").waitFor();
  await section("Gateway → server").getByText("X-User").waitFor();
  await section("Server → gateway").getByText("Sec-WebSocket-Accept").waitFor();
  await section("Gateway → client").getByText("X-Desk").waitFor();
  t.is(await section("Server → gateway").getByText("X-Desk").count(), 0);
  await detail.getByRole("tab", { name: "Policies 1" }).click();
  await detail.getByRole("link", { name: "mixer" }).waitFor();
  await detail.getByRole("tab", { name: "Attributes" }).click();
  await detail.getByText('"ada"').waitFor();
  t.deepEqual(await findBarriers(page), []);

  await rowOf(page, "upgrade", 401).click();
  await detail.getByText("ERR_REJECTED").waitFor();
  await section("Gateway → client").getByText("WWW-Authenticate").waitFor();
  await section("Gateway → client").getByText("Content-Length").waitFor();
  t.is(await section("Gateway → server").count(), 0);

  await rowOf(page, "close", 4001).click();
  await detail.getByText("Closed by policy mixer").waitFor();
  await detail.getByText("as you wish").waitFor();

  await page.getByLabel("Filter by status").selectOption("404");
  await page.locator(".row.upgrade", { hasText: "/nowhere" }).waitFor();
  await page.locator(".row.upgrade", { hasText: "/door" }).first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove the filter Status 404" }).click();
  await page.getByLabel("Search").fill("x-team");
  await page.locator(".row.upgrade", { hasText: "/nowhere" }).waitFor({ state: "detached" });
  await page.locator(".row.upgrade", { hasText: "ada" }).waitFor();
  t.is(await page.locator(".row.upgrade").count(), 1);
});

test("Traffic, WebSockets: what became of each message, live, filtered, and as a HAR", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  await page.getByText("No traffic yet").waitFor();
  t.deepEqual(await findBarriers(page), []);

  const plain = await gateway.connect("/plain");
  const door = await gateway.connect("/door?user=ada");
  plain.send("straight through");
  t.is(await plain.next(), "straight through");
  for (const text of ["drop me", "ask me", `{"name":"Ada"}`, "as it is"]) door.send(text);
  t.is(await door.next(), "answered by the policy");
  await door.take(2);
  door.send("end me");
  await door.closed;

  const row = (text: string, outcome: string) =>
    page.locator(".row.frame", { hasText: text }).filter({ hasText: outcome }).first();
  const detail = page.getByRole("region", { name: "Detail", exact: true });
  await row("straight through", "spliced").waitFor();
  await row("as it is", "passed").waitFor();
  await row("end me", "closed").waitFor();
  await row("drop me", "dropped").click();
  await detail.getByRole("tab", { name: "Policies 1" }).click();
  await detail.getByText("Server did not get it").waitFor();
  await row("ask me", "dropped").click();
  await detail.getByRole("tab", { name: "Replies 1" }).click();
  await detail.getByText("answered by the policy").waitFor();
  await row("Ada", "replaced").click();
  await detail.locator(".diff-line.added", { hasText: `"mark": "first"` }).waitFor();
  await detail.getByRole("tab", { name: "Frame" }).click();
  await detail.getByText("Mask key").waitFor();
  await page.locator(".row.close", { hasText: "Closed by policy mixer" }).waitFor();
  t.deepEqual(await findBarriers(page), []);

  await page.keyboard.press("Escape");
  await page.getByLabel("Filter by route").selectOption("plain");
  await row("as it is", "passed").waitFor({ state: "detached" });
  await page.getByLabel("Filter by from").selectOption("server");
  await row("straight through", "spliced").waitFor();
  t.is(await page.locator(".row.frame").count(), 1);

  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "HAR" }).click(),
  ]);
  const har = JSON.parse(await readFile(await download.path(), "utf8"));
  const validate = new Ajv({ allErrors: true, strict: false }).compile(harSchema);
  t.true(validate(har), JSON.stringify(validate.errors));
  t.true(JSON.stringify(har).includes("straight through"));
  await page.getByRole("button", { name: "Export" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Recording" }).click(),
  ]);
  const { events } = readSessions(await readFile(await file.path(), "utf8"), "file");
  t.true(JSON.stringify(events).includes("straight through"));
});

test("what comes over the wire is shown, not run: HTML, control characters, half surrogates, anywhere", async (t) => {
  const page = await browser.open(t, { expected: /404/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const markup = `<img src=x onerror="window.wasRun=1">`;
  const path = `/door?user=${encodeURIComponent(markup)}&q=%3Cscript%3EwasRun=1%3C/script%3E`;
  const client = await gateway.connect(path, { headers: { "X-Note": markup } });
  for (const text of [
    markup,
    "bell \u0007 nul \u0000 turned \u202egnp.exe",
    `{"half":"\\ud83d","a":"${"\u2028"}"}`,
  ])
    client.send(text);
  await client.take(3);
  const { id } = await page.request
    .get(`${gateway.consoleUrl}/api/v1/sessions`)
    .then(async (answer) => ((await answer.json()) as { sessions: [{ id: string }] }).sessions[0]);

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  const detail = page.getByRole("region", { name: "Detail", exact: true });
  await page.locator(".row.frame", { hasText: "onerror" }).first().click();
  await detail.getByText(markup).first().waitFor();
  await page.locator(".row.frame", { hasText: "bell" }).first().click();
  await detail.locator(".unseen").first().waitFor();
  t.deepEqual(await detail.locator(".unseen").allTextContents(), ["␇", "␀", "\\u202e"]);
  await page.locator(".row.frame", { hasText: "half" }).first().click();
  await detail.locator(".diff-line", { hasText: "\\ud83d" }).first().waitFor();

  client.close(4000, markup);
  await client.closed;
  for (const path of ["/traffic/http", "/sessions", `/sessions/${id}`, "/overview"]) {
    await page.goto(gateway.consoleUrl + path);
    await page.locator("main h1").waitFor();
    if (path !== "/sessions") await page.locator("main").getByText("onerror").first().waitFor();
  }
  t.is(await page.evaluate("typeof window.wasRun"), "undefined");
});

/** By its status: times and durations are made of digits too. */
function rowOf(page: Page, kind: "upgrade" | "close", status: number) {
  return page.locator(`.row.${kind}`).filter({ has: page.locator(".c-status", { hasText: String(status) }) });
}
