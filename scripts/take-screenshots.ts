/**
 * Takes the pictures in docs/console/ of a real gateway with made-up traffic: `node scripts/take-screenshots.ts`. With
 * a folder as argument, every view goes there, light and dark.
 */

import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { startSampleClients } from "./screenshots/sample-clients.ts";
import { type SampleGateway, startSampleGateway } from "./screenshots/sample-gateway.ts";

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Which of the two docs/ has. Default: the light one. */
  readonly kept?: readonly ("light" | "dark")[];
  /** What has to happen before; once, before the light and the dark one. */
  before?(gateway: SampleGateway): Promise<void>;
  prepare(page: Page): Promise<void>;
}

const SIZE = { width: 1280, height: 800 };
/** So much of the charts should be full. */
const warmUpMs = Number(process.env.WARM_UP_MS ?? 120_000);
const [folder] = process.argv.slice(2);
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
      await page.getByRole("link", { name: "Why?" }).click();
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
    name: "policy-source",
    kept: [],
    path: "/policies/order-limits/source",
    prepare: (page) => page.getByText("largestOrder").first().waitFor(),
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
    prepare: (page) => page.getByText("The newest file has a problem").waitFor(),
  },
];

const gateway = await startSampleGateway();
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
}

async function take({ name, path, prepare }: Picture, colorScheme: "light" | "dark"): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme, reducedMotion: "reduce" });
  await page.goto(gateway.consoleUrl + path);
  await prepare(page).catch((error: unknown) => console.error(`${name}: ${(error as Error).message}`));
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${outDir}/${name}-${colorScheme}.png` });
  await page.close();
}
