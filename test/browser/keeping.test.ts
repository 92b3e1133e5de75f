import { execFileSync } from "node:child_process";
import test from "ava";
import { findBarriers, until, useBrowser } from "../support/browser.ts";
import { startWatchedGateway } from "../support/gateways/watched-gateway.ts";

const browser = useBrowser(test);

test("a message is copied as text, JSON, hex, and as a command for a shell, by keys and from the row", async (t) => {
  const page = await browser.open(t, { permissions: ["clipboard-read", "clipboard-write"] });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const text = `{"say":"it's \`id\` $(id) \\"!!\\" \\\\"}`;
  const headers = { Authorization: "Bearer secret", "X-Odd": "a'b; $HOME" };
  const client = await gateway.connect("/plain?q='1'", { headers, protocols: ["chat.v1"] });
  client.send(text);
  await client.take(1);
  const copied = () => page.evaluate("navigator.clipboard.readText()") as Promise<string>;

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  await page.locator(".row.frame").first().click();
  await page.keyboard.press("y");
  const item = (name: string) => page.getByRole("menuitem", { name, exact: true });
  await item("wscat command").waitFor();
  t.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("Copied as JSON.").waitFor();
  t.is(await copied(), JSON.stringify(JSON.parse(text), null, 2));
  await page.keyboard.press("y");
  await item("Text").click();
  await page.getByText("Copied as Text.").waitFor();
  t.is(await copied(), text);

  await page.locator(".row.frame").first().click({ button: "right" });
  await item("wscat command").click();
  await page
    .getByText("Copied as wscat command, without 1 redacted value, of which [redacted] stands there.")
    .waitFor();
  const command = await copied();
  const given = execFileSync("/bin/sh", ["-c", `wscat() { printf '<%s>' "$@"; }; ${command}`], {
    encoding: "utf8",
  });
  t.true(given.startsWith(`<-c><ws://127.0.0.1:${new URL(gateway.url).port}/plain?q=%271%27>`), given);
  t.true(given.includes("<-H><X-Odd: a'b; $HOME>"), given);
  t.true(given.includes("<-H><Authorization: [redacted]>"), given);
  t.true(given.endsWith(`<-s><chat.v1><-x><${text}><-w><5>`), given);

  await page.setViewportSize({ width: 700, height: 800 });
  await page.keyboard.press("y");
  // Commands are there when the upgrade is, which they repeat.
  await item("curl command").waitFor();
  t.deepEqual(await page.getByRole("menu").getByRole("menuitem").allTextContents(), [
    "Text",
    "JSON",
    "Hex",
    "Base64",
    "wscat command",
    "curl command",
    "Mark",
    "Edit and resend",
    "Why?",
    "Session",
  ]);
  await page.keyboard.press("End");
  await until(page, `document.activeElement.textContent === "Session"`);
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  await page.goto(`${gateway.consoleUrl}/traffic/http?kind=upgrade`);
  await page.locator(".row.upgrade").first().click();
  await page.keyboard.press("y");
  await item("curl command").click();
  await page.getByText(/Copied as curl command/).waitFor();
  t.regex(await copied(), /^curl -i .*'http:\/\/127\.0\.0\.1:\d+\/plain\?q=.*-H 'Upgrade: websocket'/);
});

test("a mark and a note are kept with a record, seen by all who look, found, and exported; a reader only looks", async (t) => {
  const page = await browser.open(t);
  const other = await browser.open(t, { viewport: { width: 390, height: 800 }, expected: /401/ });
  if (page === undefined || other === undefined) return;
  const tokens = { token: "an-admin-token-of-tests", readerToken: "a-reader-token-of-tests" };
  const gateway = await startWatchedGateway(t, tokens);
  const client = await gateway.connect("/plain");
  for (const text of ["odd one", "usual one"]) client.send(text);
  await client.take(2);
  await other.goto(`${gateway.consoleUrl}/traffic/websockets`);
  await other.getByLabel("Token").fill(tokens.readerToken);
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.locator(".row.frame").nth(3).waitFor();

  await page.goto(`${gateway.consoleUrl}/traffic/websockets#token=${tokens.token}`);
  const odd = page.locator(".row.frame", { hasText: "odd one" }).first();
  await odd.click();
  await page.keyboard.press("m");
  await odd.getByRole("img", { name: "Marked" }).waitFor();
  await page.keyboard.press("a");
  await page.keyboard.type("who sent <this>?");
  await page.keyboard.press("Enter");
  await odd.getByRole("img", { name: "Marked. Note: who sent <this>?" }).waitFor();
  t.deepEqual(await findBarriers(page), []);

  // Without a reload.
  const mark = other.getByRole("img", { name: "Marked. Note: who sent <this>?" });
  await mark.waitFor();
  await mark.click();
  const note = other.getByRole("textbox", { name: "Note" });
  t.is(await note.inputValue(), "who sent <this>?");
  t.false(await note.isEditable());
  t.is(await other.getByRole("button", { name: "Mark" }).getAttribute("aria-disabled"), "true");
  t.deepEqual(await findBarriers(other), []);

  await page.goto(
    `${gateway.consoleUrl}/traffic/websockets?filter=${encodeURIComponent("marked note:/^who.*this/")}`,
  );
  await odd.waitFor();
  t.is(await page.locator(".row.frame").count(), 1);
  await odd.click();
  await page.keyboard.press("y");
  await page.getByRole("menuitem", { name: "Session" }).click();
  await page.getByRole("log").getByText("who sent <this>?").waitFor();

  const headers = { authorization: `Bearer ${tokens.token}` };
  const read = async (path: string) =>
    (await fetch(`${gateway.consoleUrl}/api/v1${path}`, { headers })).text();
  const { log } = JSON.parse(await read("/traffic.har"));
  t.like(log.entries[0]._webSocketMessages[0], {
    data: "odd one",
    comment: "who sent <this>?",
    _marked: true,
  });
  const noted = (await read("/recording.ndjson")).split("\n").find((line) => line.includes("odd one")) ?? "";
  if (noted !== "") t.like(JSON.parse(noted), { note: "who sent <this>?", marked: true });
  const refused = await fetch(`${gateway.consoleUrl}/api/v1/traffic/1/note`, {
    method: "PUT",
    headers: { authorization: `Bearer ${tokens.readerToken}`, "content-type": "application/json" },
    body: JSON.stringify({ marked: true, note: "" }),
  });
  t.is(refused.status, 403);
  // Nobody has redacted a file.
  const asReader = { headers: { authorization: `Bearer ${tokens.readerToken}` } };
  t.is((await fetch(`${gateway.consoleUrl}/api/v1/files/any/traffic`, asReader)).status, 403);
  t.is((await fetch(`${gateway.consoleUrl}/api/v1/files/any/traffic`, { headers })).status, 404);
});

test("a HAR file and a recording are looked at as if they were live, and nothing mixes", async (t) => {
  const page = await browser.open(t, { expected: /400|404/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ada");
  for (const text of ["drop me", `{"n":1}`, "plain words"]) client.send(text);
  await client.take(2);
  const read = async (path: string) => (await fetch(`${gateway.consoleUrl}/api/v1${path}`)).text();
  const [har, recording] = [await read("/traffic.har"), await read("/recording.ndjson")];
  client.send("only live");
  await client.next();

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  await page.locator(".row.frame", { hasText: "only live" }).first().waitFor();
  const choose = (name: string, text: string) =>
    page
      .getByLabel("A HAR file or a recording")
      .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await choose("broken.har", har.slice(0, -9));
  await page
    .getByText("broken.har: expected a recording of `framegate record`, or a HAR file: it is no JSON.")
    .waitFor();
  t.is(await page.getByRole("region", { name: "File" }).count(), 0);

  await choose("yesterday.ndjson", recording);
  await page.getByText("Traffic is from yesterday.ndjson, not live: 1 session").waitFor();
  await page.locator(".row.frame", { hasText: "drop me" }).waitFor();
  t.is(await page.getByText("only live").count(), 0);
  client.send("live later");
  await client.next();
  t.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("/");
  await page.keyboard.type("subject:ada outcome:replaced");
  await page.keyboard.press("Enter");
  await until(page, `${rows}.length === 1`);
  await page.locator(".row.frame").click();
  t.is(await page.getByRole("button", { name: "Mark" }).getAttribute("aria-disabled"), "true");
  await page.keyboard.press("y");
  await page.getByRole("menuitem", { name: "Why?" }).click();
  await page.getByText("mixer").first().waitFor();
  await page.goBack();
  await page.locator(".record-menu").waitFor();
  await page.keyboard.press("y");
  await page.getByRole("menuitem", { name: "Session" }).click();
  await page.getByRole("log").getByText("drop me").waitFor();
  t.is(await page.getByText("live later").count(), 0);

  // Dropped, in place of the other.
  const transfer = await page.evaluateHandle(
    `(() => { const all = new DataTransfer(); all.items.add(new File([${JSON.stringify(har)}], "drag.har")); return all; })()`,
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await page.getByText("Traffic is from drag.har, not live").waitFor();
  await page.locator(".row.frame", { hasText: "plain words" }).first().waitFor();
  t.is(await page.getByText("live later").count(), 0);
  await page.reload();
  await page.locator(".row.frame", { hasText: "plain words" }).first().waitFor();
  await page.getByRole("button", { name: "Back to live" }).click();
  await page.locator(".row.frame", { hasText: "live later" }).first().waitFor();
  t.is(await page.getByRole("region", { name: "File" }).count(), 0);
  t.deepEqual(JSON.parse(await read("/files")), { files: [] });
});

const rows = `document.querySelectorAll(".row.frame")`;
