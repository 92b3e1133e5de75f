import test from "ava";
import type { Page } from "playwright-core";
import { fittingSuggestions } from "../../console/views/traffic/filter/suggestions.ts";
import { withTerm } from "../../console/views/traffic/filter/terms.ts";
import { parseFilter } from "../../core/traffic/filter/parse-filter.ts";
import { findBarriers, until, useBrowser } from "../support/browser.ts";
import { startStandIn } from "../support/console-stand-in.ts";
import { startWatchedGateway } from "../support/gateways/watched-gateway.ts";

const browser = useBrowser(test);

test("a filter is written with what is suggested, refused with the place, and marks what it finds", async (t) => {
  const page = await browser.open(t, { expected: /400/ });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const ada = await gateway.connect("/door?user=ada", { headers: { "X-Team": "blue" } });
  const eve = await gateway.connect("/door?user=eve");
  for (const text of ["first order, second order", "drop me", "x".repeat(2000)]) ada.send(text);
  for (const text of ["an order of eve's", "no such thing"]) eve.send(text);
  await eve.take(2);
  await ada.take(2);

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  await page.locator(".row.frame").nth(8).waitFor();
  await page.keyboard.press("/");
  const field = page.getByRole("combobox", { name: "Search" });
  const option = (name: RegExp) => page.getByRole("listbox").getByRole("option", { name });
  await page.keyboard.type("subj");
  await option(/^subject:/).waitFor();
  t.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("ArrowDown");
  await until(page, `document.activeElement.getAttribute("aria-activedescendant") === "filter-suggestion-0"`);
  await page.keyboard.press("Enter");
  await page.keyboard.type("ada attribute.us");
  await option(/^attribute\.user:/).waitFor();
  await page.keyboard.press("Tab");
  await option(/^eve/).waitFor();
  await page.keyboard.type("ad");
  await option(/^eve/).waitFor({ state: "detached" });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.type("/ORDER/i | policy:mi");
  await option(/^mixer$/).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("size>1KiB origin:client");
  await page.keyboard.press("Enter");
  t.is(
    await field.inputValue(),
    "subject:ada attribute.user:ada /ORDER/i | policy:mixer size>1KiB origin:client",
  );
  await until(page, `${rows}.length === 3`);
  // Patterns are looked for by what is loaded for it.
  await page.locator("mark.hit").first().waitFor();
  t.deepEqual(await page.locator("mark.hit").allTextContents(), ["order", "order", "order", "order"]);

  await field.fill("size>big");
  await page.keyboard.press("Enter");
  await page.getByText("at character 6: expected a size such as 512, 1KiB or 2MiB for size").waitFor();
  t.is(await field.getAttribute("aria-invalid"), "true");
  t.is(await page.evaluate(`${rows}.length`), 3, "the table stays as it was");
  t.deepEqual(await findBarriers(page), []);

  // What changes quickly leaves nothing behind.
  for (const filter of ["a", "", "!order", "size<9", ""]) {
    await field.fill(filter);
    await page.keyboard.press("Enter");
  }
  await until(page, `${rows}.length > 8`);
  await page.goto(`${gateway.consoleUrl}/traffic/http?filter=${encodeURIComponent("header.x-team:blue")}`);
  await page.locator(".row.upgrade", { hasText: "ada" }).first().waitFor();
  t.is(await page.locator(".row.upgrade").count(), 1);
});

test("what is suggested late is not taken for what is written since, and what is meant is not lost by it", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 20 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  const field = page.getByRole("combobox", { name: "Search" });
  await field.focus();
  const option = page.getByRole("option", { name: /^1KiB/ });
  await page.keyboard.type("size>1");
  await option.waitFor();
  await page.keyboard.press("ArrowDown");
  await until(page, `document.activeElement.getAttribute("aria-activedescendant") === "filter-suggestion-0"`);

  const { promise: isLet, resolve: letGo } = Promise.withResolvers<void>();
  await page.route(/traffic\/filter/, (route) => isLet.then(() => route.continue()));
  await page.keyboard.type("KiB");
  const meant = page.waitForRequest(/traffic\/filter/);
  await page.keyboard.press("Enter");
  t.is(await field.inputValue(), "size>1KiB");
  await meant;
  // Suggestions are asked for again, while what is meant is still on its way.
  const again = page.waitForRequest(/traffic\/filter/);
  await field.blur();
  await field.focus();
  await again;
  letGo();
  await page.waitForURL((url) => url.searchParams.get("filter") === "size>1KiB");
  t.is(await field.inputValue(), "size>1KiB");
});

test("of what was suggested, what goes on from what is written since", (t) => {
  const texts = ["1KiB", "64KiB", "1MiB"];
  const suggestions = texts.map((text) => ({ text, says: "" }));
  const help = { problem: null, marks: [], from: 7, to: 8, suggestions };
  const answer = { filter: "a size>1 b", help };
  const cases = [
    ["a size>1 b", 8, texts],
    ["a size>1k b", 9, ["1KiB"]],
    ["a size> b", 7, texts],
    ["a size>1KiB c b", 13, []],
    ["a size>1KiB", 8, []],
    ["other", 8, []],
  ] as const;
  for (const [text, to, fitting] of cases) {
    const found = fittingSuggestions(answer, text);
    t.deepEqual([found.from, found.to, found.suggestions.map((each) => each.text)], [7, to, fitting], text);
  }
});

test("columns are shown, hidden, resized and remembered; sorting is over all that is kept", async (t) => {
  const page = await browser.open(t, { viewport: { width: 1920, height: 900 } });
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/door?user=ada");
  for (const length of [300, 3000, 30]) client.send("x".repeat(length));
  await client.take(3);
  client.send("end me");
  t.is((await client.closed).code, 4001);

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  const head = (name: string) => page.getByRole("columnheader", { name, exact: true });
  await page.locator(".row.frame .c-subject", { hasText: "ada" }).first().waitFor();
  t.is(await head("Host").count(), 0);
  await page.getByRole("button", { name: "Columns", exact: true }).click();
  for (const name of ["Host", "Client", "Server", "Close"])
    await page.getByRole("checkbox", { name }).check();
  await page.getByRole("checkbox", { name: "Type" }).uncheck();
  t.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Type" }).waitFor({ state: "detached" });
  const width = () => page.evaluate(`document.querySelector(".head .c-host").offsetWidth`) as Promise<number>;
  const before = await width();
  await page.getByRole("separator", { name: "Width of Host" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await until(page, `document.querySelector(".head .c-host").offsetWidth === ${before + 24}`);

  await page.reload();
  await page.locator(".row.frame .c-host", { hasText: "127.0.0.1" }).first().waitFor();
  t.is(await width(), before + 24);
  t.is(await head("Type").count(), 0);
  await page.locator(".row.close .c-close", { hasText: "4001 as you wish" }).waitFor();
  await page.locator(".row.frame .c-client", { hasText: "127.0.0.1:" }).first().waitFor();
  await page.locator(".row.frame .c-server", { hasText: "127.0.0.1:" }).first().waitFor();

  const lengths = ".row.frame .c-length";
  await page.getByRole("button", { name: "Length" }).click();
  await page.getByText(/By Length, greatest first: \d+ of all \d+ rows that are kept/).waitFor();
  t.is(await head("Length").getAttribute("aria-sort"), "descending");
  t.deepEqual((await page.locator(lengths).allTextContents()).slice(0, 4), [
    "2.9 KiB",
    "2.9 KiB",
    "300 B",
    "300 B",
  ]);
  t.deepEqual(await findBarriers(page), []);
  await page.getByRole("button", { name: "Length" }).click();
  await page.getByText("By Length, least first").waitFor();
  await page.getByRole("button", { name: "By time" }).click();
  await page.getByText("By Length").waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Columns", exact: true }).click();
  await page.getByRole("button", { name: "As they were" }).click();
  await head("Type").waitFor();
});

test("a value of a row, or of the detail, is filtered by or excluded", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const door = await gateway.connect("/door?user=ada");
  const plain = await gateway.connect("/plain");
  door.send("by the door");
  plain.send("straight");
  await Promise.all([door.next(), plain.next()]);

  await page.goto(`${gateway.consoleUrl}/traffic/websockets`);
  const field = page.getByRole("combobox", { name: "Search" });
  const plainRow = page.locator(".row.frame", { hasText: "straight" }).first();
  await plainRow.locator(".c-route").click({ button: "right" });
  const menu = page.getByRole("menu");
  t.is(await menu.getByRole("menuitem").first().textContent(), "Filter by route:plain");
  t.deepEqual(await findBarriers(page), []);
  await menu.getByRole("menuitem", { name: "Exclude route:plain" }).click();
  await plainRow.waitFor({ state: "detached" });
  t.is(await field.inputValue(), "!route:plain");

  // By keys, without a click before.
  await page.locator(".row.frame", { hasText: "by the door" }).first().waitFor();
  await page.keyboard.press("k");
  await page.getByRole("region", { name: "Detail", exact: true }).waitFor();
  await page.keyboard.press("Shift+F10");
  await until(page, `document.activeElement.getAttribute("role") === "menuitem"`);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "detached" });
  await page.locator(".row.frame", { hasText: "by the door" }).filter({ hasText: "client" }).click();
  await page.getByRole("button", { name: /^Of this session: ada · door/ }).click();
  await page.getByRole("button", { name: "Filter by attribute.user ada" }).click();
  await page.waitForURL((url) => url.searchParams.get("filter") === "!route:plain attribute.user:ada");
  const policy = await page
    .getByRole("button", { name: /^Exclude policy mixer@/ })
    .getAttribute("aria-label");
  t.regex(policy ?? "", /^Exclude policy mixer@[\da-f]{8}$/);
  await page.getByRole("button", { name: /^Exclude policy mixer@/ }).click();
  await page.getByText("Nothing fits the filter").or(page.locator(".row.frame")).first().waitFor();
  t.deepEqual(await findBarriers(page), []);
});

test("in a payload one goes from match to match, as JSON, text and hex", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const gateway = await startWatchedGateway(t);
  const client = await gateway.connect("/plain");
  client.send(JSON.stringify({ seat: "12a", text: "seat by seat", more: "x".repeat(40) }));
  await client.next();
  await page.goto(`${gateway.consoleUrl}/traffic/websockets?filter=SEAT`);
  await page.locator(".row.frame mark.hit").first().waitFor();
  await page.locator(".row.frame").first().click();
  const at = (text: string) => page.locator(".find-bar [role=status]", { hasText: new RegExp(`^${text}$`) });
  await at("1 of 3").waitFor();
  t.is(await page.evaluate(`CSS.highlights.get("find-hit").size`), 3);
  await page.keyboard.press("n");
  await at("2 of 3").waitFor();
  await page.keyboard.press("N");
  await page.keyboard.press("Shift+F3");
  await at("3 of 3").waitFor();
  await page.keyboard.press("F3");
  await at("1 of 3").waitFor();
  t.is(await marked(page), "seat");

  await page.getByRole("button", { name: "Hex" }).click();
  await at("1 of 3").waitFor();
  // Of "seat" the digits and the letters; a match that goes over two lines has both parts of each.
  t.is(await marked(page), "73 65 61 74seat");
  await page.getByRole("button", { name: "Text" }).click();
  const find = page.getByLabel("Find in: Payload");
  await find.fill("12A");
  await at("1 of 1").waitFor();
  t.is(await marked(page), "12a");
  await find.fill("nowhere");
  await at("none").waitFor();
  await find.fill("xx");
  await page.keyboard.press("Enter");
  await at("2 of 20").waitFor();
  await page.keyboard.press("Shift+Enter");
  await at("1 of 20").waitFor();
  t.deepEqual(await findBarriers(page), []);
});

test("rows of several machines are in the order of their time, each with its node, and one can look at one", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 20 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  await page.locator(".row.frame").first().waitFor();
  const now = Date.now();
  for (const [node, time] of [
    ["gate-1", now + 30],
    ["gate-2", now + 10],
    ["gate-1", now + 20],
  ] as const)
    standIn.record((record) => ({ ...record, node, time, session: `k3v9x2ab77-${node}` }));
  await page.getByRole("columnheader", { name: "Machine" }).waitFor();
  await page.locator(".row.frame .c-node", { hasText: "gate-2" }).waitFor();
  const times = await page.locator(".virtual-body .c-time").allTextContents();
  t.deepEqual(times, times.toSorted());
  // Ids differ at their end.
  const ids = page.locator(".row.frame .c-session", { hasText: "-gate-2" });
  t.is(await ids.locator(".session-id > span").first().textContent(), "k3v9x2ab77-gate");
  await page.getByLabel("Filter by machine").selectOption({ index: 1 });
  await page.waitForURL((url) => url.searchParams.has("node"));
});

test("a condition is added to a filter as it stands", (t) => {
  const cases = [
    ["", { field: "route", value: "chat" }, false, "route:chat"],
    ["a", { field: "route", value: "chat" }, true, "a !route:chat"],
    ["a | b", { field: "route", value: "chat" }, false, "(a | b) route:chat"],
    ["route:chat", { field: "route", value: "chat" }, false, "route:chat"],
    ["", { field: "path", value: "/a/" }, false, 'path:"/a/"'],
    ["", { field: "route", value: 'a "b"*' }, false, 'route:"a \\"b\\"*"'],
  ] as const;
  for (const [filter, term, isExcluded, added] of cases) {
    t.is(withTerm(filter, term, isExcluded), added);
    t.notThrows(() => parseFilter(added));
  }
});

const rows = `document.querySelectorAll(".row.frame")`;

/** What is shown as the match where one is. */
function marked(page: Page): Promise<unknown> {
  return page.evaluate(`[...CSS.highlights.get("find-current")].map(String).join("")`);
}
