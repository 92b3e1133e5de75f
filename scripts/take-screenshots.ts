/**
 * Takes the pictures in docs/console/ of a real gateway with made-up traffic, and of a fleet that is made up itself:
 * `node scripts/take-screenshots.ts`. With a folder as argument, every view goes there, light and dark, and with
 * widths after it as wide as these: `node scripts/take-screenshots.ts /tmp/views 390 1280 1920`.
 */

import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Page } from "playwright-core";
import { startStandIn } from "../test/support/console-stand-in.ts";
import { startSampleClients } from "./screenshots/sample-clients.ts";
import { type SampleGateway, startSampleGateway } from "./screenshots/sample-gateway.ts";

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Of the one that stands in for a gateway of a fleet, which has Redis. */
  readonly isOfFleet?: true;
  /** Which of the two docs/ has. Default: the light one. */
  readonly kept?: readonly ("light" | "dark")[];
  /** What has to happen before; once, before the light and the dark one. */
  before?(gateway: SampleGateway): Promise<void>;
  prepare(page: Page): Promise<void>;
  /** Undoes what the next pictures are not to show. */
  after?(page: Page): Promise<void>;
}

/** So much of the charts should be full. */
const warmUpMs = Number(process.env.WARM_UP_MS ?? 120_000);
const [folder, ...widths] = process.argv.slice(2);
const outDir = folder ?? fileURLToPath(new URL("../docs/console", import.meta.url));

const pictures: readonly Picture[] = [
  {
    name: "overview",
    path: "/overview",
    kept: ["light", "dark"],
    prepare: (page) => page.locator(".end-list li").nth(5).waitFor(),
  },
  {
    name: "websockets",
    path: "/traffic/websockets?route=orders",
    kept: ["light", "dark"],
    async prepare(page) {
      await page.locator(".row.frame").nth(20).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.locator(".row.frame", { hasText: "replaced" }).filter({ hasText: "fill" }).last().click();
      await page.getByRole("tab", { name: "Diff" }).waitFor();
    },
  },
  {
    name: "http",
    path: "/traffic/http",
    async prepare(page) {
      await page.locator(".row.upgrade").nth(8).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.locator(".row.upgrade", { hasText: "mallory" }).last().click();
      await page.getByText("Gateway → client").waitFor();
    },
  },
  {
    name: "breakpoints",
    path: "/traffic/websockets?route=orders&hold=1",
    async prepare(page) {
      await page.getByLabel("Messages to hold, as a filter").fill('route:orders "order" size>60');
      await page.getByRole("button", { name: "Set breakpoint" }).click();
      await page.getByRole("button", { name: "Release", exact: true }).nth(1).waitFor();
      await page.getByRole("button", { name: "Edit", exact: true }).first().click();
    },
    async after(page) {
      await page
        .getByRole("button", { name: /^Remove the breakpoint/ })
        .first()
        .click();
      await page.locator(".held-list li").first().waitFor({ state: "detached" });
    },
  },
  {
    name: "recording",
    path: "/traffic/websockets?route=quotes",
    async prepare(page) {
      await page.locator(".row.frame").nth(20).waitFor();
      await page.getByRole("button", { name: "Recording: change it" }).click();
      await page.getByRole("dialog").getByLabel("Of each payload").waitFor();
    },
  },
  { name: "sessions", path: "/sessions", prepare: (page) => page.locator("tbody tr").nth(12).waitFor() },
  {
    name: "session",
    path: "/sessions?route=chat",
    kept: ["light", "dark"],
    async prepare(page) {
      await page.locator("tbody tr a").first().click();
      await page.locator(".turn").nth(6).waitFor();
    },
  },
  {
    name: "why",
    path: "/traffic/websockets?route=orders&outcome=replaced",
    async prepare(page) {
      await page.locator(".row.frame", { hasText: "fill" }).last().click();
      await page.getByRole("button", { name: "Copy as, and more" }).click();
      await page.getByRole("menuitem", { name: "Why?" }).click();
      await page.getByText("What policies did").waitFor();
    },
  },
  {
    name: "policies",
    path: "/policies/order-limits",
    prepare: (page) => page.getByText("replaced").first().waitFor(),
  },
  {
    name: "policy-messages",
    path: "/policies/order-limits/messages",
    prepare: (page) => page.locator(".last-list li").nth(20).waitFor(),
  },
  {
    name: "policy-run",
    path: "/policies/order-limits/messages",
    async prepare(page) {
      await page
        .locator(".last-list li", { hasText: "replaced" })
        .first()
        .getByRole("link", { name: "Run" })
        .click();
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByText("The server gets").first().waitFor();
    },
  },
  {
    name: "fleet",
    path: "/fleet",
    isOfFleet: true,
    prepare: (page) => page.getByText("does not answer").first().waitFor(),
  },
  {
    name: "drains",
    kept: [],
    path: "/drains",
    prepare: (page) => page.getByText("in service").nth(3).waitFor(),
  },
  {
    name: "policy-source",
    kept: [],
    path: "/policies/order-limits/source",
    prepare: (page) => page.getByText("LARGEST_ORDER").first().waitFor(),
  },
  {
    name: "policy-versions",
    kept: [],
    path: "/policies/order-limits/versions",
    async before(gateway) {
      await gateway.edit("order-limits", (source) => source.replace("= 500", "= 400"));
      await wait(3000);
    },
    prepare: (page) => page.getByRole("button", { name: "Roll back" }).nth(1).waitFor(),
  },
  {
    name: "test-client",
    path: "/test-client",
    async prepare(page) {
      await page.getByLabel("Path and query").fill("/chat/lobby?user=grace");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      for (const text of [`{"text":"Anyone long in GLOBEX?"}`, `{"text":"SELL EVERYTHING NOW"}`]) {
        await page.getByLabel("Message", { exact: true }).fill(text);
        await page.getByRole("button", { name: "Send", exact: true }).click();
      }
      await page.locator(".log-entry.received").nth(2).waitFor();
    },
  },
  {
    name: "policy-problem",
    path: "/policies/mask-accounts",
    kept: ["light", "dark"],
    before: (gateway) =>
      gateway.edit("mask-accounts", (source) => source.replace("return { content: {", "return { content: ")),
    prepare: (page) => page.getByText("The newest file has a problem").first().waitFor(),
  },
];

const gateway = await startSampleGateway();
const fleet = await startStandIn({ rowsPerSecond: 20 });
const stopClients = startSampleClients(gateway.url);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  await wait(warmUpMs);
  for (const picture of pictures) {
    await picture.before?.(gateway);
    for (const colorScheme of ["light", "dark"] as const) {
      const isKept = folder !== undefined || (picture.kept ?? ["light"]).includes(colorScheme);
      if (isKept) await take(picture, colorScheme);
    }
  }
} finally {
  await browser.close();
  stopClients();
  await gateway.close();
  await fleet.close();
}

async function take(picture: Picture, colorScheme: "light" | "dark"): Promise<void> {
  const { name, path, isOfFleet, prepare, after } = picture;
  const page = await browser.newPage({ viewport: sizeOf(1280), colorScheme, reducedMotion: "reduce" });
  await page.goto((isOfFleet ? fleet.url : gateway.consoleUrl) + path);
  await prepare(page).catch((error: unknown) => console.error(`${name}: ${(error as Error).message}`));
  for (const width of widths.length === 0 ? [1280] : widths.map(Number)) {
    await page.setViewportSize(sizeOf(width));
    await page.waitForTimeout(500);
    const place = `${outDir}/${name}-${widths.length === 0 ? "" : `${width}-`}${colorScheme}.png`;
    await page.screenshot({ path: place });
    if (folder === undefined) await shrink(place);
  }
  await after?.(page).catch((error: unknown) => console.error(`${name}: ${(error as Error).message}`));
  await page.close();
}

function sizeOf(width: number) {
  return { width, height: width < 600 ? 844 : width < 1600 ? 800 : 1080 };
}

/** The package has these pictures: with a palette they are half as large. Without pngquant they stay as they are. */
async function shrink(place: string): Promise<void> {
  const options = [
    "--force",
    "--ext",
    ".png",
    "--skip-if-larger",
    "--strip",
    "--quality",
    "70-95",
    "--speed",
    "1",
  ];
  await promisify(execFile)("pngquant", [...options, place]).catch(({ message }: Error) => {
    console.error(`${place} is not made smaller: ${message}`);
  });
}
