import test from "ava";
import type { Page } from "playwright-core";
import { findBarriers, findClipped, findSideways, until, useBrowser } from "../support/browser.ts";
import { startStandIn } from "../support/console-stand-in.ts";
import { makeFleet, makeManyNodes } from "../support/stand-in/fleet.ts";

const browser = useBrowser(test);

async function seeBytes(page: Page): Promise<void> {
  await page.locator(".row.frame").nth(3).click();
  await page.getByRole("tab", { name: "Before" }).click();
  await page.getByRole("button", { name: "Hex" }).click();
  await page.getByRole("region", { name: "Bytes" }).waitFor();
}

const press =
  (key: string) =>
  (page: Page): Promise<void> =>
    page.keyboard.press(key);

/** Its address, what it says when it is there, and what is done then. */
const views: readonly (readonly [string, string, ((page: Page) => Promise<void>)?])[] = [
  ["/overview", "Refusals and errors"],
  ["/fleet", "does not answer"],
  ["/drains", "16 of 24 sessions closed"],
  ["/traffic/http", "/v1/orders"],
  ["/traffic/websockets?outcome=replaced", '"type":'],
  ["/traffic/websockets?outcome=replaced", '"type":', seeBytes],
  ["/traffic/websockets", '"type":', press("b")],
  ["/traffic/websockets", '"type":', press("?")],
  ["/sessions", "203.0.113.40"],
  ["/sessions/1-14", "orders.v2"],
  ["/sessions/1-14/why", "server:115"],
  ["/sessions/1-14/why/server:115", "What policies did"],
  ["/policies", "A version is refused"],
  ["/policies/mask-accounts", "The newest file has a problem"],
  ["/policies/order-limits/source", "order limit reached"],
  ["/policies/order-limits/versions", "Roll back"],
  ["/policies/order-limits/versions?before=b81d0c44&after=12f3a91c0", "const limit = 400;"],
  ["/policies/order-limits/messages", "on average"],
  ["/policies/order-limits/run", "Nothing was run yet"],
  ["/policies/auth", 'attributes.roles[1] nothing → "editor"'],
  ["/test-client", "Talk to a route"],
];

/** So many pixels of lines of bytes one would have to scroll for. */
const bytesBeyond = `[...document.querySelectorAll(".hex")].reduce(
  (sum, { scrollWidth, clientWidth }) => sum + scrollWidth - clientWidth, 0)`;
/** So far from the right edge what is shown ends; stories are texts, and no wider than one reads. */
const unusedWidth = `Math.min(...[...document.querySelectorAll("main :is(.card, .virtual, .split, table)")]
  .filter((element) => !element.closest(".story"))
  .map((element) => innerWidth - element.getBoundingClientRect().right))`;
/** Tables, code, and bars of tabs and filters: where they are wider than a phone, one slides them. */
const maySlide = ".table-scroll, pre.code, .tabs, .filter-bar";
/** As a link of the page leads there, without loading it anew. */
const follow = (path: string) =>
  `history.pushState(null, "", ${JSON.stringify(path)}), dispatchEvent(new PopStateEvent("popstate"))`;
const widths = [390, 1280, 1920];
/**
 * Colours fade into those of the other look: between them there is no contrast to judge. What is folded fades when it
 * is unfolded.
 */
const isStill = `!document.getAnimations().some(
  (animation) => animation instanceof CSSTransition && animation.effect.target.checkVisibility())`;

test("every view can be read and used by everybody, light and dark, from a phone to a wide screen", async (t) => {
  t.timeout(240_000);
  const page = await browser.open(t, { reducedMotion: "reduce" });
  if (page === undefined) return;
  const standIn = await startStandIn();
  t.teardown(standIn.close);
  let isTouched = true;
  for (const [index, [path, text, act]] of views.entries()) {
    // What was done in a view stays only where a link leads to the next.
    if (isTouched) await page.goto(standIn.url + path);
    else await page.evaluate(follow(path));
    isTouched = act !== undefined;
    await page.locator("main").getByText(text).first().waitFor();
    await act?.(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 844 });
      await page.locator("main").getByText(text).first().waitFor();
      await until(page, `${isStill} && document.documentElement.scrollWidth === innerWidth`);
      const where = `${path}, ${width} px`;
      t.deepEqual(await findClipped(page), [], where);
      t.deepEqual(await findSideways(page, maySlide), [], where);
      t.is(await page.evaluate(bytesBeyond), 0, where);
      const unused = Number(await page.evaluate(unusedWidth));
      t.true(unused < 40 || unused === Number.POSITIVE_INFINITY, `${where}: ${unused} px are not used`);
      // Axe costs the most by far: each width is seen by a third of the views, and in the dark only what colours change.
      if (widths.indexOf(width) !== index % widths.length) continue;
      t.deepEqual(await findBarriers(page), [], `${where}, light`);
      await page.emulateMedia({ colorScheme: "dark" });
      await until(page, isStill);
      t.deepEqual(await findBarriers(page, ["color-contrast"]), [], `${where}, dark`);
      await page.emulateMedia({ colorScheme: "light" });
    }
  }
});

test("a view whose answers are on their way says that it loads, and nothing of what is not known yet", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn();
  t.teardown(standIn.close);
  // What is asked is never answered; who we are, and what is live, is.
  await page.route(/\/api\/v1\/(?!info)/, () => {});
  const asking = views.map(([path]) => path).filter((path) => !/overview|test-client|\?/.test(path));
  for (const path of new Set(asking)) {
    await page.goto(standIn.url + path);
    await page.locator("main").getByText("Loading…").first().waitFor();
    t.is(await page.locator("main .empty").count(), 0, path);
  }
});

test("words that only the gateway has say what they mean, and an end is given no time in the gateway", async (t) => {
  const page = await browser.open(t, { viewport: { width: 1920, height: 1080 } });
  if (page === undefined) return;
  const standIn = await startStandIn();
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  const spliced = page.locator(".row.frame .c-outcome", { hasText: "spliced" }).first();
  await spliced.and(page.getByTitle("no policy of its route looks at such a message")).waitFor();
  standIn.record(({ seq, time, session, route }) => ({
    ...{ kind: "close", seq, time, session, route, initiator: "client", code: 1000, reason: "moved on" },
    ...{ cause: "peer", detail: "", policy: "", version: "", rule: "", client: "", server: "" },
    codes: { client: { sent: 1000, got: 1000 }, server: { sent: 1000, got: 1000 } },
    ...{ durationMs: 900_000, messages: { client: 1, server: 1 }, bytes: { client: 1, server: 1 } },
  }));
  const end = page.locator(".row.close", { hasText: "moved on" });
  await end.waitFor();
  t.is(await end.locator(".c-took").textContent(), "");

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys and words" });
  await help.getByText("Went through as it came").waitFor();
  await page.keyboard.press("Escape");
  await page.goto(`${standIn.url}/sessions/1-14`);
  await page.getByTitle("Since a message or frame went either way").waitFor();
  await page.getByRole("link", { name: "In WebSockets" }).click();
  await page.getByRole("heading", { name: "WebSockets" }).waitFor();
});

test("a reader sees why he may change nothing, a wrong token why it is wrong", async (t) => {
  const page = await browser.open(t, { expected: /401/ });
  if (page === undefined) return;
  const standIn = await startStandIn({ token: "sesame" });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/sessions/1-14`);
  await page.getByLabel("Token").fill("guess");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("this is not a token").waitFor();
  t.deepEqual(await findBarriers(page), []);

  await page.getByLabel("Token").fill("reader-sesame");
  await page.keyboard.press("Enter");
  await page.getByText("open", { exact: true }).waitFor();
  const close = page.getByRole("button", { name: "Close this session" });
  t.regex((await close.getAttribute("title")) ?? "", /reader/);
  await close.click({ force: true });
  t.is(await page.getByRole("dialog").count(), 0);
});

test("Overview names what is wrong with the fleet and the source, and says nothing of what is not recorded", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const problem = "Redis does not answer, so nothing is known of other nodes: no connection to Redis";
  const { nodes } = makeFleet(Date.now());
  const fleet = { node: "gate-1", nodes: nodes.slice(0, 1), isLost: true, problem };
  const standIn = await startStandIn({ records: 0, isRecording: false, fleet });
  t.teardown(standIn.close);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const countAsked = (path: string) => asked.filter((each) => each === `/api/v1/${path}`).length;
  await page.goto(`${standIn.url}/overview`);
  const problems = page.getByRole("region", { name: "Problems" });
  await problems.getByRole("link", { name: problem }).waitFor();
  await problems.getByRole("link", { name: "a version is refused" }).waitFor();
  await page.getByText("Recording is off").nth(1).waitFor();
  t.is(await page.getByText("was refused").count(), 0);
  // Once for all parts of the page that say it, as often as what one part asks for by itself.
  t.true(countAsked("recording-switches") <= countAsked("routes") + 1, asked.join("\n"));
  t.deepEqual(await findBarriers(page), []);

  await page.goto(`${standIn.url}/fleet`);
  await page.getByText("Meanwhile: what this machine serves goes on").waitFor();
  await page.getByRole("row", { name: "gate-1 this console" }).waitFor();
  await page.setViewportSize({ width: 700, height: 800 });
  const machines = page.getByRole("region", { name: "Machines" });
  const { x, width } = (await machines.getByRole("columnheader", { name: "Sessions" }).boundingBox())!;
  t.true(x + width <= 700, String(x + width));
  t.deepEqual(await findBarriers(page), []);
});

test("a fleet of 2,000 machines is shown by what runs, and not cell by cell", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ fleet: makeManyNodes(2000, Date.now()) });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/fleet`);
  const policies = page.getByRole("region", { name: "Policies" });
  await policies.getByText("all 2,000").first().waitFor();
  const odd = policies.getByRole("row", { name: "77d0e1f2" });
  t.regex((await odd.textContent()) ?? "", /gate-2000$/);
  t.regex(
    (await page.getByRole("region", { name: "Machines" }).getByRole("row").nth(1).textContent()) ?? "",
    /^gate-2000/,
  );
  t.true((await page.locator("td").count()) < 1000);
  await page.getByRole("button", { name: "100 more" }).click();
  await page.getByText("200 of 2,000").waitFor();
  t.deepEqual(await findBarriers(page), []);
});

test("a page of sessions that have all ended does not say that none is open; of many silent machines ten are named", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 0 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/sessions?before=1-14`);
  await page.getByText("Nothing older is open").waitFor();
  await page.getByText("gate-13 and 2 more, which do not answer").waitFor();
  t.is(await page.getByText("No session is open").count(), 0);
});

test("a session is closed with a code and a reason, a policy rolled back", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn();
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/sessions/1-14`);
  await page.getByRole("button", { name: "Close this session" }).click();
  await page.getByLabel("Code").fill("1012");
  await page.getByLabel("Reason, which both sides can read").fill("moving house");
  await page.getByRole("button", { name: "Close with 1012" }).click();
  await page.getByText("is being closed with 1012").waitFor();

  await page.goto(`${standIn.url}/policies/order-limits/versions`);
  await page.getByRole("button", { name: "Roll back" }).nth(1).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByText("runs version b81d0c44").waitFor();
  // One that did harm is no way back: it is said what it did.
  await page.getByText("taken back: faults").waitFor();
  await page.getByRole("button", { name: "Make it live" }).click();
  await page.getByRole("dialog").getByText("12 of 240 calls failed").waitFor();
  t.deepEqual(await findBarriers(page), []);
  t.deepEqual(standIn.changes, [
    ["POST", "/sessions/1-14/close", { code: 1012, reason: "moving house" }],
    ["POST", "/policies/order-limits/rollback", { version: "b81d0c44" }],
  ]);
});

test("filters and the selection are in the URL, and keys move it", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn();
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/overview`);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await page.getByLabel("Filter by outcome").selectOption("replaced");
  await page.getByText("outcome replaced").waitFor();
  const grid = page.getByRole("grid");
  await grid.locator(".row.frame").first().waitFor();
  await grid.focus();
  await page.keyboard.press("ArrowUp");
  await page.getByRole("tab", { name: "Diff" }).waitFor();
  const last = new URL(page.url()).searchParams.get("sel");
  await page.keyboard.press("k");
  await page.waitForURL((url) => url.searchParams.get("sel") !== last);

  await page.reload();
  await page.getByRole("tab", { name: "Diff" }).waitFor();
  t.is(new URL(page.url()).searchParams.get("outcome"), "replaced");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Diff" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Remove the filter outcome replaced" }).click();
  await page.getByLabel("Filter by from").selectOption("policy");
  await page.getByText("from a policy by itself").waitFor();
  await grid.locator(".row.frame").first().waitFor({ state: "detached" });
  await grid.locator(".row.hook").getByText("still there?").last().click();
  await page.getByRole("tab", { name: "Sent 1" }).waitFor();
  await page.getByRole("tab", { name: "Call" }).click();
  await page.getByText("tick, by its time").waitFor();
  t.deepEqual(await findBarriers(page), []);
});
