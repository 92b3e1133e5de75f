import test from "ava";
import { until, useBrowser } from "../support/browser.ts";
import { startStandIn } from "../support/console-stand-in.ts";

const browser = useBrowser(test);
/** More than a screen and its margins hold; far less than what is recorded. */
const mostRowsInDocument = 120;

test("a hundred thousand frames: the table scrolls back through them and to the newest again", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 100_000 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  const grid = page.getByRole("grid", { name: "Traffic WebSockets" });
  await grid.locator(".row.frame").first().waitFor();

  const times = await grid.locator(".row .c-time").allTextContents();
  for (let rows = 1000; rows <= 5000; rows += 1000)
    await until(page, `(${find}.scrollTop = 0, ${rowCount} > ${rows})`);
  t.true((await grid.locator(".row").count()) < mostRowsInDocument);
  t.notDeepEqual(await grid.locator(".row .c-time").allTextContents(), times);

  await page.getByRole("button", { name: "Follow" }).click();
  await until(
    page,
    `(() => { const g = ${find}; return g.scrollHeight - g.scrollTop - g.clientHeight < 2; })()`,
  );
  standIn.record((record) => ({ ...record, session: "9-new" }));
  await grid.getByText("9-new").waitFor();
});

test("who follows while older rows are on their way, follows when they have come", async (t) => {
  const page = await browser.open(t, { viewport: { width: 2000, height: 800 } });
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 5000 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets?sel=2000`);
  const grid = page.getByRole("grid", { name: "Traffic WebSockets" });
  await grid.locator(".row.frame").first().waitFor();

  const { promise: isFollowed, resolve: follow } = Promise.withResolvers<void>();
  await page.route(/traffic\?.*before=/, async (route) => {
    await isFollowed;
    await route.continue();
  });
  const isAsked = page.waitForRequest(/traffic\?.*before=/);
  await page.evaluate(`${find}.scrollTop = 0`);
  await isAsked;
  await page.getByRole("button", { name: "Follow" }).click();
  follow();
  standIn.record((record) => ({ ...record, session: "9-new" }));
  await grid.getByText("9-new").waitFor();
  t.is(await page.getByRole("button", { name: "Follow" }).getAttribute("aria-pressed"), "true");
});

test("a thousand rows a second: the table follows, the page stays quick, the window bounded", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 19_900, rowsPerSecond: 1000 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  const grid = page.getByRole("grid", { name: "Traffic WebSockets" });
  await grid.locator(".row.frame").first().waitFor();

  const before = (await page.evaluate(rowCount)) as number;
  await until(page, `${rowCount} > ${before + 2000}`);
  t.true((await grid.locator(".row").count()) < mostRowsInDocument);
  // A frame of the page while rows come in: generous, for machines that do other things too.
  t.true(((await page.evaluate(medianFrame)) as number) < 200);

  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: /^[\d,]+ new$/ }).waitFor();
  const held = await page.evaluate(rowCount);
  await until(page, `parseInt(document.querySelector(".waiting").textContent.replace(",", "")) > 500`);
  t.is(await page.evaluate(rowCount), held);

  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: /new$/ }).waitFor({ state: "detached" });
});

test("what came too fast to be sent is said to be missing, and can be loaded", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 20 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets?origin=client`);
  const grid = page.getByRole("grid", { name: "Traffic WebSockets" });
  await grid.locator(".row.frame").first().waitFor();
  const before = (await page.evaluate(rowCount)) as number;
  standIn.burst(1000);
  await grid.getByText("rows came too fast to be shown").waitFor();
  t.is(await page.evaluate(rowCount), before + 201);

  await page.getByRole("button", { name: "Load them" }).click();
  await grid.getByText("rows came too fast to be shown").waitFor({ state: "detached" });
  const found = await page.evaluate(
    `fetch("/api/v1/traffic?kind=frame&origin=client&limit=1000").then((r) => r.json()).then((p) => p.records.length)`,
  );
  t.is(await page.evaluate(rowCount), (found as number) + 1);
});

const find = `document.querySelector("[role=grid]")`;
const rowCount = `Number(${find}.getAttribute("aria-rowcount"))`;
const medianFrame = `new Promise((resolve) => {
  const times = [];
  const step = (time) => {
    times.push(time);
    if (times.length < 60) return requestAnimationFrame(step);
    const gaps = times.slice(1).map((one, index) => one - times[index]).sort((a, b) => a - b);
    resolve(gaps[gaps.length >> 1]);
  };
  requestAnimationFrame(step);
})`;
