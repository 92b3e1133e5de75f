import { bundlePolicy, faultOf, startSandbox } from "../../sandbox/support.ts";
import { test } from "../../sandbox/transports.ts";

test("a source map of millions of lines costs neither time nor memory at the first throw", async (t) => {
  const fixture = await startSandbox(t);
  for (const lines of [7_000_000, 20_000_000]) {
    const bundle = await bundlePolicy("mapped", "export const client = () => { throw new Error('no'); };");
    const map = JSON.parse(bundle.sourceMap);
    const sourceMap = JSON.stringify({ ...map, mappings: ";".repeat(lines) });
    (await fixture.sandbox.prepare({ ...bundle, sourceMap })).commit();
    const before = process.memoryUsage().heapUsed;
    const fault = faultOf(await fixture.seat("mapped").client({}));
    t.true(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024);
    // Of no place in it is said where it comes from.
    t.regex(fault.stack, /\/policies\/mapped\.ts:\d+:\d+/);
  }
});
