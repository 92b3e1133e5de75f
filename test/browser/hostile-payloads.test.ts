import test from "ava";
import type { FrameRecord, TrafficRecord } from "../../core/traffic/records.ts";
import { findBarriers, useBrowser } from "../support/browser.ts";
import { startStandIn } from "../support/console-stand-in.ts";

const browser = useBrowser(test);

const markup = `<img src=x onerror="window.wasRun=1"><script>window.wasRun=1</script>`;
const unseen = "bell \u0007 nul \u0000 turned \u202egnp.exe half \ud83d end";

test("HTML, control characters and half surrogates are shown, not run", async (t) => {
  const page = await browser.open(t, { expected: /404/ });
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 0 });
  t.teardown(standIn.close);
  await page.goto(`${standIn.url}/traffic/websockets`);
  await page.getByText("No traffic yet").waitFor();

  const first = standIn.record((record) => asFrame(record, markup));
  const second = standIn.record((record) => asFrame(record, unseen));
  await page.locator(".row", { hasText: "onerror" }).click();
  const detail = page.getByRole("region", { name: "Detail" });
  await detail.getByText(markup).waitFor();

  await page.locator(".row", { hasText: "bell" }).click();
  await detail.locator(".unseen").first().waitFor();
  t.deepEqual(await detail.locator(".unseen").allTextContents(), ["␇", "␀", "\\u202e", "\\ud83d"]);

  for (const path of [`/sessions/${first.session}`, `/traffic/websockets?sel=${second.seq}&q=onerror`]) {
    await page.goto(standIn.url + path);
    await page.locator("main").getByText("onerror").first().waitFor();
  }
  t.is(await page.evaluate("typeof window.wasRun"), "undefined");
});

test("numbers keep their digits, and what a policy replaced is a diff", async (t) => {
  const page = await browser.open(t);
  if (page === undefined) return;
  const standIn = await startStandIn({ records: 0 });
  t.teardown(standIn.close);
  const { seq } = standIn.record((record) => ({
    ...asFrame(record, `{"id":12345678901234567890,"keep":1,"name":"Ada"}`),
    outcome: "replaced",
    after: payload(`{"id":12345678901234567890,"keep":1,"name":"A."}`),
  }));
  await page.goto(`${standIn.url}/traffic/websockets?sel=${seq}`);
  await page.locator(".diff-line.removed", { hasText: `"name": "Ada"` }).waitFor();
  await page.locator(".diff-line.added", { hasText: `"name": "A."` }).waitFor();
  await page.getByRole("tab", { name: "Before" }).click();
  await page.getByText("12345678901234567890").first().waitFor();
  t.deepEqual(await findBarriers(page), []);
});

function asFrame(record: TrafficRecord, text: string): FrameRecord {
  const { seq, time, session } = record;
  return {
    kind: "frame",
    seq,
    time,
    session,
    route: "chat",
    origin: "client",
    opcode: 1,
    fin: true,
    isCompressed: false,
    maskKey: "00000000",
    length: Buffer.byteLength(text),
    sequence: 1,
    frames: 1,
    durationMs: 0.1,
    ...{ writeMs: null, unsentBytes: 0 },
    outcome: "passed",
    steps: [],
    payload: payload(text),
    after: null,
    replies: [],
    appended: [],
  };
}

function payload(data: string): NonNullable<FrameRecord["payload"]> {
  return { encoding: "text", data, length: Buffer.byteLength(data), isCut: false, redactions: 0 };
}
