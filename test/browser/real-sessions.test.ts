import test from "ava";
import { findBarriers, until, useBrowser } from "../support/browser.ts";
import { startWatchedGateway } from "../support/gateways/watched-gateway.ts";
import { refusedUpgrade } from "../support/peers/peers.ts";

const browser = useBrowser(test);
const tokens = { token: "an-admin-token-of-tests", readerToken: "a-reader-token-of-tests" };

test("a session is found, read as a conversation, and closed for good; those of a filter at once", async (t) => {
  const page = await browser.open(t, { expected: /404/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  await page.goto(`${gateway.consoleUrl}/sessions`);
  await page.getByText("No session is open").waitFor();

  const ada = await gateway.connect("/door?user=ada");
  const bob = await gateway.connect("/door?user=bob");
  await page.getByRole("row").filter({ hasText: "ada" }).waitFor();
  await page.getByLabel("Attribute").fill("user:ada");
  await page.getByRole("row").filter({ hasText: "bob" }).waitFor({ state: "detached" });
  t.deepEqual(await findBarriers(page), []);

  for (const text of ["hello", "drop me", "ask me"]) ada.send(text);
  await ada.take(2);
  await page.getByRole("row").filter({ hasText: "ada" }).getByRole("link").click();
  const talk = page.getByRole("log", { name: "Conversation" });
  await talk.locator(".turn.client", { hasText: "hello" }).waitFor();
  await talk.locator(".turn.server", { hasText: "hello" }).waitFor();
  await talk.locator(".turn.stopped", { hasText: "drop me" }).waitFor();
  const reply = talk.locator(".turn.by-policy", { hasText: "answered by the policy" });
  await reply.waitFor();
  ada.send("afterwards");
  await talk.locator(".turn.server", { hasText: "afterwards" }).waitFor();
  const [above, below] = [
    await reply.boundingBox(),
    await talk.locator(".turn.client", { hasText: "afterwards" }).boundingBox(),
  ];
  t.true(above!.y + above!.height <= below!.y);
  t.deepEqual(await findBarriers(page), []);

  await page.getByRole("button", { name: "Close this session" }).click();
  await page.getByLabel("Code").fill("4005");
  await page.getByLabel("Reason, which both sides can read").fill("desk closed");
  await page.getByRole("button", { name: "Close with 4005" }).click();
  t.deepEqual(await ada.closed, { code: 4005, reason: "desk closed" });
  await page.getByText("Closed by an operator").first().waitFor();
  await page.getByText("ended 4005").waitFor();
  t.is(bob.ws.readyState, bob.ws.OPEN);

  const carl = await gateway.connect("/door?user=carl");
  await page.goto(`${gateway.consoleUrl}/sessions?attribute=user:bob`);
  await page.getByRole("button", { name: "With these…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 session fits now").waitFor();
  t.deepEqual(await findBarriers(page), []);
  await dialog.getByLabel("Code").fill("4006");
  await dialog.getByRole("button", { name: "Close 1 session" }).click();
  t.is((await bob.closed).code, 4006);
  t.is(carl.ws.readyState, carl.ws.OPEN);
});

test("a route is drained, later and at once, and taken back into service; a reader may only look", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t, tokens);
  const url = gateway.consoleUrl;
  await page.goto(`${url}/drains#token=${tokens.token}`);
  const client = await gateway.connect("/plain");
  const row = page.getByRole("row").filter({ hasText: "plain" }).first();
  await row.getByText("in service").waitFor();
  t.deepEqual(await findBarriers(page), []);

  await row.getByRole("button", { name: "Drain route plain" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 session is open there now").waitFor();
  t.deepEqual(await findBarriers(page), []);
  await dialog.getByLabel("Begin later").fill("1h");
  await dialog.getByRole("button", { name: "Drain it in 1h" }).click();
  await row.getByText("still takes connections").waitFor();
  t.is(client.ws.readyState, client.ws.OPEN);
  await row.getByRole("button", { name: "Take back the drain of route plain" }).click();
  await row.getByText("in service").waitFor();

  await row.getByRole("button", { name: "Drain route plain" }).click();
  await dialog.getByText("1 session is open there now").waitFor();
  await dialog.getByRole("button", { name: "Drain it now" }).click();
  t.deepEqual(await client.closed, { code: 1001, reason: "route is draining" });
  await row.getByText("drained", { exact: true }).waitFor();
  t.is((await refusedUpgrade(`${gateway.url}/plain`)).status, 503);
  await row.getByRole("button", { name: "End drain of route plain" }).click();
  await row.getByText("in service").waitFor();
  await gateway.connect("/plain");

  const reader = await browser.open(t);
  await reader?.goto(`${url}/drains#token=${tokens.readerToken}`);
  const ask = reader?.getByRole("button", { name: "Drain the gateway" });
  await ask?.waitFor();
  t.is(await ask?.getAttribute("aria-disabled"), "true");
});

test("the overview counts what happened, and switches a route", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/plain");
  client.send("one");
  await client.next();
  await refusedUpgrade(`${gateway.url}/door`);
  const other = await gateway.connect("/door?user=ada");
  other.close(4000, "had enough");
  await other.closed;

  await page.goto(`${gateway.consoleUrl}/overview`);
  await page.getByText("had enough").waitFor();
  await page.getByText(`rejected by policy "mixer"`).waitFor();
  await page
    .getByRole("row")
    .filter({ hasText: "/plain" })
    .getByRole("link", { name: "1", exact: true })
    .waitFor();
  t.deepEqual(await findBarriers(page), []);

  const toggle = page.getByRole("switch", { name: "plain takes connections" });
  await toggle.click();
  await page.getByRole("button", { name: "Switch it off and close 1" }).click();
  await page.getByText("plain takes no new connections").waitFor();
  t.is((await client.closed).code, 1001);
  t.is((await refusedUpgrade(`${gateway.url}/plain`)).status, 404);
});

test("the test client talks through the gateway like any other", async (t) => {
  const page = await browser.open(t, { expected: /404/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  await page.goto(`${gateway.consoleUrl}/test-client`);
  // The first route's, once the routes are known.
  await until(page, `document.querySelector("[list=route-paths]")?.value === "/door"`);
  await page.getByLabel("Listener").locator("option").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  const log = page.getByRole("log", { name: "Messages" });
  await log.getByText("Refused with 401").waitFor();

  await page.getByLabel("Path and query").fill("/door?user=ada");
  await page.getByRole("button", { name: "Connect", exact: true }).click();
  await log.getByText("Connected as session").waitFor();
  await page.getByLabel("Message", { exact: true }).fill(`{"name":"Ada"}`);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await log.locator(".log-entry.received").getByText(`"first"`).waitFor();
  t.deepEqual(await findBarriers(page), []);
  await page.getByRole("link", { name: "Recorded session" }).click();
  await page.locator(".turn.client", { hasText: "first" }).waitFor();
});

test("a wrong token is said to be wrong, a reader may look, an admin may close", async (t) => {
  const options = { expected: /401|404/ };
  const page = await browser.open(t, options);
  const second = await browser.open(t, options);
  if (page === undefined || second === undefined) return;
  const gateway = await startWatchedGateway(t, tokens);
  const client = await gateway.connect("/door?user=ada");
  await page.goto(`${gateway.consoleUrl}/sessions`);
  await page.getByLabel("Token").fill("not-a-token-of-tests");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("this is not a token of this console").waitFor();
  t.deepEqual(await findBarriers(page), []);
  await page.getByLabel("Token").fill(tokens.readerToken);
  await page.keyboard.press("Enter");
  await page.getByRole("row").filter({ hasText: "ada" }).getByRole("link").click();
  const close = page.getByRole("button", { name: "Close this session" });
  t.regex((await close.getAttribute("title")) ?? "", /reader/);
  await close.click({ force: true });
  t.is(await page.getByRole("dialog").count(), 0);

  await second.goto(page.url());
  await second.getByLabel("Token").fill(tokens.token);
  await second.keyboard.press("Enter");
  await second.getByRole("button", { name: "Close this session" }).click();
  await second.getByRole("button", { name: "Close with 1001" }).click();
  t.is((await client.closed).code, 1001);
  await page.getByText("ended 1001").waitFor();
});
