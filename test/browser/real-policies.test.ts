import test from "ava";
import { findBarriers, until, useBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { mixer, startWatchedGateway } from "../support/gateways/watched-gateway.ts";
import { askUntil } from "../support/policies.ts";

const browser = useBrowser(test);

test("a policy is broken, repaired and rolled back while its messages go on, and each step is shown", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ada");
  let asked = 0;
  const ask = async () => {
    asked++;
    client.send("{}");
    return client.nextJson();
  };
  // The page may hear of a version before the last worker runs it.
  const askUntil = (mark: string) =>
    eventually(`messages have ${mark}`, async () => ((await ask()) as { mark: string }).mark === mark);
  t.deepEqual(await ask(), { mark: "first" });

  await page.goto(`${gateway.consoleUrl}/policies/mixer`);
  await page.getByText("replaced 1").first().waitFor();
  const panel = page.getByRole("tabpanel");
  t.deepEqual(await findBarriers(page), []);
  await gateway.write("mixer.ts", mixer.replace("return { drop: true };", "return { drop: };"));
  await panel.getByText("The newest file has a problem").waitFor();
  await panel.locator(".frame", { hasText: "drop: }" }).waitFor();
  t.deepEqual(await findBarriers(page), []);
  t.deepEqual(await ask(), { mark: "first" });

  await gateway.write("mixer.ts", mixer.replace("first", "second"));
  await panel.getByText("The newest file has a problem").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Versions 2" }).click();
  await askUntil("second");
  await page.getByRole("tab", { name: "Source" }).click();
  await page.getByText(`"second"`).waitFor();
  t.deepEqual(await findBarriers(page), []);

  await page.getByRole("tab", { name: "Versions 2" }).click();
  t.deepEqual(await findBarriers(page), []);
  await page.getByRole("button", { name: "Roll back" }).nth(1).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByText("rolled back to", { exact: true }).waitFor();
  await askUntil("first");

  await page.getByRole("tab", { name: "Last 100 messages" }).click();
  await page.getByText(`replaced ${asked}`).first().waitFor();
  t.deepEqual(await findBarriers(page), []);
});

test("the table goes on while a policy is saved, and after a restart of the gateway", async (t) => {
  const page = await browser.open(t, { expected: /WebSocket|ERR_|Failed to load/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  await page.goto(`${gateway.consoleUrl}/traffic/websockets?origin=client`);
  await page.getByText("No traffic yet").or(page.getByText("Nothing fits")).waitFor();
  const client = await gateway.connect("/door?user=ada");
  const rows = page.locator(".row.frame", { hasText: "replaced" });
  client.send(`{"n":1}`);
  await client.next();
  await rows.filter({ hasText: `{"n":1}` }).click();
  await page.locator(".diff-line.added", { hasText: `"first"` }).waitFor();
  await gateway.write("mixer.ts", mixer.replace("first", "second"));
  await askUntil(client, `{"n":2}`, (answer) => answer.includes("second"));
  await page.getByRole("button", { name: "Follow" }).click();
  client.send(`{"n":3}`);
  await rows.filter({ hasText: `{"n":3}` }).click();
  await page.locator(".diff-line.added", { hasText: `"second"` }).waitFor();

  await gateway.stop();
  await page.getByText("Reconnecting to the gateway").or(page.getByText("No answer from")).waitFor();
  const restarted = await startWatchedGateway(t, { port: gateway.consolePort });
  await until(page, `document.querySelector(".connection").textContent.startsWith("Live")`);
  const again = await restarted.connect("/door?user=ada");
  again.send(`{"n":4}`);
  await rows.filter({ hasText: `{"n":4}` }).waitFor();
  await rows.filter({ hasText: `{"n":1}` }).waitFor({ state: "detached" });
  t.is(await rows.count(), 1);
});

test("a policy runs on a recorded message from the page, as it came and edited, and traffic knows nothing of it", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ada");
  await page.goto(`${gateway.consoleUrl}/traffic/websockets?origin=client`);
  await page.getByText("No traffic yet").or(page.getByText("Nothing fits")).waitFor();
  client.send(`{"n":1}`);
  t.deepEqual(await client.nextJson(), { n: 1, mark: "first" });
  await page.locator(".row.frame", { hasText: `{"n":1}` }).click();
  await page.keyboard.press("y");
  await page.getByRole("menuitem", { name: "Run", exact: true }).click();
  await page.getByRole("tab", { name: "Run", selected: true }).waitFor();
  const message = page.getByRole("textbox", { name: "Message" });
  t.is(await message.inputValue(), `{"n":1}`);
  t.deepEqual(await findBarriers(page), []);

  const result = page.getByRole("region", { name: "What came of it" });
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await result.locator(".diff-line.added", { hasText: `"first"` }).waitFor();
  await result.getByText("as on door").waitFor();
  t.deepEqual(await findBarriers(page), []);

  await message.fill("end me");
  await message.press("Control+Enter");
  await result.getByText("Closed with 4001 as you wish").waitFor();
  await result.getByText("The server gets nothing.").waitFor();
  await message.fill("ask me");
  await message.press("Control+Enter");
  await result.getByRole("region", { name: "To the client 1" }).getByText("answered by the policy").waitFor();
  await page.getByLabel("Hook").selectOption("upgrade");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await result.getByText("The client gets 101.").waitFor();
  t.deepEqual(await findBarriers(page), []);
  client.send(`{"n":2}`);
  t.deepEqual(await client.nextJson(), { n: 2, mark: "first" });

  // From the policy's own page, too.
  await page.goto(`${gateway.consoleUrl}/policies/mixer/run`);
  await page.getByRole("link", { name: "one of its last messages" }).click();
  await page.getByRole("listitem").filter({ hasText: `{"n":2}` }).getByRole("link", { name: "Run" }).click();
  await until(page, `document.querySelector("textarea")?.value === '{"n":2}'`);
});
