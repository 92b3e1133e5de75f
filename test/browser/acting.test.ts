import test from "ava";
import type { Page } from "playwright-core";
import { findBarriers, useBrowser } from "../support/browser.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { connectClient, startServer, wrapWebSocket } from "../support/peers/peers.ts";

const browser = useBrowser(test);

const policy = `export const client = ({ content }) => ({ content: { body: "[" + content.body + "]" } });`;

test("Breakpoints: set from the filter, seen from every page, edited, dropped and let go by keys, and what was done stands in the traffic", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const { gateway, client, peer, call } = await open(t);
  await page.goto(`${gateway}/traffic/websockets`);
  await page.getByRole("heading", { name: "Traffic WebSockets" }).waitFor();
  await page.keyboard.press("b");
  const panel = page.getByRole("region", { name: "Breakpoints" });
  await panel.getByLabel("Messages to hold, as a filter").fill('"order"');
  // Nothing goes by itself, however slow a machine is.
  await panel.getByLabel("Hold each for").selectOption("2m");
  await page.setViewportSize({ width: 1280, height: 800 });
  const tops = await panel
    .locator(".breakpoint-form :is(.breakpoint-filter, button[type=submit])")
    .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().top));
  t.is(tops[0], tops[1], "the form is one line");
  await panel.getByRole("button", { name: "Set breakpoint" }).click();
  await panel.getByRole("list", { name: "Breakpoints" }).getByText('"order"').waitFor();

  client.send("free");
  t.is(await peer.next(), "[free]");
  client.send('{"order":1}');
  const held = panel.getByRole("list", { name: "Held messages" }).getByRole("listitem");
  await held.getByText('[{"order":1}]').waitFor();
  await page.getByRole("link", { name: /WebSockets.* held/ }).waitFor();
  await page.getByRole("row", { name: /held/ }).first().waitFor();
  t.true(await isOnOneLine(page), "the mark stands beside the id");
  t.deepEqual(await findBarriers(page), []);

  // A page that is loaded anew finds it, and the session says so.
  await page.reload();
  await held.getByText('[{"order":1}]').waitFor();
  await page.goto(`${gateway}/sessions`);
  await page.getByText("1 message held").waitFor();
  await page.getByRole("row").getByRole("link").first().click();
  await page.getByText("1 message of this session is held").waitFor();
  await page.getByRole("link", { name: "release, edit or drop" }).click();
  await held.getByRole("button", { name: "Edit" }).click();
  await held.getByText("As it came, before the policies").waitFor();
  await held.getByLabel("Message for the server").fill("not JSON");
  await held.getByText("No JSON yet").waitFor();
  await held.getByRole("group", { name: "The message is" }).getByRole("button", { name: "Text" }).click();
  t.deepEqual(await findBarriers(page), []);
  await held.getByRole("button", { name: "Release unedited" }).waitFor();
  const inRow = held.locator(".held-row").getByRole("button", { name: "Release as edited" });
  await inRow.click();
  t.is(await peer.next(), "not JSON");
  await held.waitFor({ state: "detached" });

  // It goes while somebody writes: what is written is still there.
  client.send("order late");
  await held.getByRole("button", { name: "Edit" }).click();
  await held.getByLabel("Message for the server").fill("written");
  await inRow.waitFor();
  await call("/held/release", {});
  t.is(await peer.next(), "[order late]");
  const left = panel.getByRole("region", { name: /^Edited message of/ });
  await left.getByText("What you wrote is still here.").waitFor();
  await left.getByRole("button", { name: "Send it to the server" }).click();
  t.is(await peer.next(), "written");
  await left.waitFor({ state: "detached" });

  for (const text of ["order 2", "order 3", "order 4"]) client.send(text);
  await held.nth(2).waitFor();
  await page.keyboard.press("x");
  await held.nth(2).waitFor({ state: "detached" });
  await page.keyboard.press("r");
  t.is(await peer.next(), "[order 3]");
  await held.nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("Shift+R");
  t.is(await peer.next(), "[order 4]");
  await panel.getByRole("button", { name: /^Remove the breakpoint/ }).click();
  client.send("order 5");
  t.is(await peer.next(), "[order 5]");
  await page.keyboard.press("b");
  await panel.waitFor({ state: "detached" });

  await page.goto(`${gateway}/traffic/websockets`);
  await page.locator(".row.frame", { hasText: "order 2" }).click();
  const detail = page.getByRole("region", { name: "Detail", exact: true });
  await detail.getByRole("tab", { name: "Policies 2" }).click();
  await detail.getByText("dropped by an operator").waitFor();
});

test("a message is sent from a session's page, and a recorded one again, edited: both are shown as an operator's", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const { gateway, client, peer, id } = await open(t);
  client.send("first");
  t.is(await peer.next(), "[first]");
  await page.goto(`${gateway}/sessions/${id}`);
  await page.getByRole("button", { name: "Send…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Message", { exact: true }).fill("00 ff");
  await dialog.getByRole("button", { name: "Hex" }).click();
  t.deepEqual(await findBarriers(page), []);
  await dialog.getByRole("button", { name: "Send" }).click();
  t.deepEqual(await client.next(), Buffer.from([0, 255]));
  await page.getByText("sent by an operator to the client").waitFor();

  await page.goto(`${gateway}/traffic/websockets`);
  await page.locator(".row.frame", { hasText: "first" }).click();
  await page.keyboard.press("y");
  await page.getByRole("menuitem", { name: "Edit and resend" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.locator(".row.frame", { hasText: "first" }).click({ button: "right" });
  await page.getByRole("menuitem", { name: "Why?" }).waitFor();
  await page.getByRole("menuitem", { name: "Run", exact: true }).waitFor();
  await page.getByRole("menuitem", { name: "Edit and resend" }).click();
  await dialog.getByLabel("Message", { exact: true }).fill("second");
  t.true(await dialog.getByLabel(/^Through the policies/).isChecked());
  await dialog.getByLabel("Message", { exact: true }).press("Control+Enter");
  t.is(await peer.next(), "[second]");
  const row = page.locator(".row.frame", { hasText: "second" });
  await row.getByText("operator").waitFor();
  await row.click();
  await page.getByRole("tab", { name: "Frame" }).click();
  await page.getByText("an operator, in the name of the client").waitFor();
});

test("a reader sees what is held, and changes nothing; on a phone nothing is cut off", async (t) => {
  const page = await browser.open(t, { viewport: { width: 390, height: 844 }, expected: /401/ });
  if (page === undefined) return;
  const { gateway, client, call } = await open(t, {
    token: "an-admin-token-of-tests",
    readerToken: "a-reader-token-of-tests",
  });
  await call("/breakpoints", { filter: "held" });
  client.send("held, and long enough that it cannot stand in one line of a phone as narrow as this one");
  await page.goto(`${gateway}/traffic/websockets?hold=1`);
  await page.getByLabel("Token").fill("a-reader-token-of-tests");
  await page.getByRole("button", { name: "Sign in" }).click();
  const panel = page.getByRole("region", { name: "Breakpoints" });
  await panel.getByText(/long enough/).waitFor();
  const release = panel.getByRole("button", { name: "Release", exact: true });
  t.is(await release.getAttribute("aria-disabled"), "true");
  t.deepEqual(await overflowing(page), []);
  t.true((await page.locator(".traffic-head").boundingBox())!.height < 60, "the header is one line");
  t.deepEqual(await findBarriers(page), []);
});

/** What is wider than the page. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll(".breakpoints *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => String(element.className))`);
}

/** Whether the mark of what is held, and the id of its session, do. */
function isOnOneLine(page: Page): Promise<boolean> {
  return page.evaluate(`(() => {
    const cell = document.querySelector(".c-session:has(.held-dot)");
    const [dot, id] = [".held-dot", ".session-id"].map((part) => cell.querySelector(part).getBoundingClientRect());
    return dot.bottom > id.top && dot.right <= id.left;
  })()`);
}

async function open(
  t: Parameters<typeof startServer>[0] & Parameters<typeof connectClient>[0],
  console: object = { token: false },
) {
  const server = await startServer(t, () => {});
  const recording = { payload: "4KiB" } as const;
  const started = await startGateway(t, {
    policies: { "mark.ts": policy },
    config: { console: { port: 0, ...console }, recording },
    routes: [
      {
        name: "marked",
        path: "/*",
        upstream: server.url,
        policies: ["mark"],
        recording,
        contentType: "text/plain",
      },
    ],
  });
  const { port } = started.gateway.addresses.console!;
  const gateway = `http://127.0.0.1:${port}`;
  const accepted = server.accept();
  const client = await connectClient(t, started.url);
  const peer = wrapWebSocket(await accepted);
  const headers = { authorization: "Bearer an-admin-token-of-tests", "content-type": "application/json" };
  const call = async (path: string, body?: object): Promise<unknown> => {
    const how = body && { method: "POST", body: JSON.stringify(body) };
    return (await fetch(`${gateway}/api/v1${path}`, { ...how, headers })).json();
  };
  const { sessions } = (await call("/sessions")) as { sessions: { id: string }[] };
  return { gateway, client, peer, call, id: sessions[0]!.id };
}
