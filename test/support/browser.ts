/** A Chromium for tests of the console: Debian's, or the one that CHROMIUM names. */
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { ExecutionContext, TestFn } from "ava";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const places = [
  process.env.CHROMIUM,
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Servers of a test end before its page. */
const serverIsGone = /net::ERR_CONNECTION|net::ERR_EMPTY_RESPONSE|^WebSocket connection to/;

export interface PageOptions extends BrowserContextOptions {
  /** What the browser may say as an error, such as that a request got 401; anything else fails the test. */
  readonly expected?: RegExp;
}

export interface BrowserTests {
  /** Undefined where there is no Chromium and none is demanded. */
  open(t: ExecutionContext, options?: PageOptions): Promise<Page | undefined>;
}

/**
 * One browser for the tests of a file, a context of its own for each page. Without a Chromium the tests say so and
 * pass on a developer's machine, and fail where CI is set.
 */
export function useBrowser(test: TestFn): BrowserTests {
  const executablePath = findChromium();
  let browser: Browser | undefined;
  test.before(async (t) => {
    if (executablePath !== undefined) {
      browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    } else if (process.env.CI) {
      t.fail("no Chromium was found: install one, or name it in CHROMIUM");
    } else {
      t.log("no Chromium was found, so nothing is tested here: install one, or name it in CHROMIUM");
    }
  });
  test.after.always(() => browser?.close());

  return {
    async open(t, { expected, ...options } = {}) {
      if (browser === undefined) {
        t.pass();
        return undefined;
      }
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const problems: string[] = [];
      t.teardown(async () => {
        await context.close();
        if (problems.length > 0) throw new Error(`the page had problems:\n${problems.join("\n")}`);
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => problems.push(error.stack ?? error.message));
      page.on("console", (message) => {
        const text = message.text();
        const isProblem = message.type() === "error" && !expected?.test(text) && !serverIsGone.test(text);
        if (isProblem || /Content Security Policy/i.test(text)) problems.push(text);
      });
      return page;
    },
  };
}

/**
 * Waits, a frame at a time and a minute at most, until the expression holds; playwright's own waitForFunction needs
 * what the CSP forbids.
 */
export async function until(page: Page, expression: string): Promise<void> {
  const isTrue = await page.evaluate(`new Promise((resolve) => {
    setTimeout(resolve, 60_000, false);
    const look = () => ((${expression}) ? resolve(true) : requestAnimationFrame(look));
    look();
  })`);
  if (isTrue !== true) throw new Error(`in vain waited for in the page: ${expression}`);
}

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Half a second of each run would go into what nobody reads: results that are fine, selectors, style sheets read again. */
const axeOptions = "{ resultTypes: ['violations'], reporter: 'no-passes', selectors: false, preload: false }";

/**
 * What axe finds wrong, a line each.
 *
 * @param rules those of axe that are meant; all others are left out
 */
export async function findBarriers(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(await readFile(axeFile, "utf8"));
  const options = `{ ...${axeOptions}, ...${JSON.stringify(rules && { runOnly: rules }) ?? "{}"} }`;
  // A colour on its way from one to another is none that anybody reads.
  await page.evaluate(`Promise.allSettled(document.getAnimations()
    .filter((each) => each instanceof CSSTransition).map(({ finished }) => finished))`);
  const { violations } = (await page.evaluate(`axe.run(document, ${options})`)) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}

/**
 * Texts that are cut off where nothing shows the rest: neither scrolls nor has three dots and a title, or leads to the
 * whole of it. A line each.
 */
export async function findClipped(page: Page): Promise<readonly string[]> {
  return (await page.evaluate(`[...document.querySelectorAll("body *")].flatMap((element) => {
    const { overflowX, textOverflow } = getComputedStyle(element);
    const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1;
    if (!isCut || !/hidden|clip/.test(overflowX) || !element.innerText?.trim()) return [];
    if (element.closest(".sr-only, a[href], button, [role=row], [role=option]")) return [];
    const isSaid = element.closest("[title]") ?? element.querySelector("[title]");
    return textOverflow === "ellipsis" && isSaid ? [] : [element.outerHTML.slice(0, 120)];
  })`)) as string[];
}

/** What scrolls sideways within the page, but for what `allowed` (a selector) means. A line each. */
export async function findSideways(page: Page, allowed: string): Promise<readonly string[]> {
  return (await page.evaluate(`[...document.querySelectorAll("body *")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1)
    .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX))
    .filter((element) => !element.matches(${JSON.stringify(allowed)}))
    .map((element) => element.scrollWidth - element.clientWidth + " px: " + element.outerHTML.slice(0, 120))`)) as string[];
}

function findChromium(): string | undefined {
  return places.find((path) => {
    try {
      accessSync(path ?? "", constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
