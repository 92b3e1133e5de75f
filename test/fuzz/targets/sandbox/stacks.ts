import assert from "node:assert/strict";
import fc from "fast-check";
import { createStackMapper } from "../../../../sandbox/source-map.ts";
import { nearlyJson, wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const MAP = {
  version: 3,
  sources: ["a.ts", "b.ts"],
  sourcesContent: ["one\ntwo\nthree", "x"],
  mappings: "AAAA,CAAC;EAAE,SAACC;;IACA",
};

const stacks = wordsOf(
  ...[
    "Error: x",
    "\n",
    "    at ",
    "f",
    " (",
    ")",
    "framegate-policy:a",
    ":1:1",
    ":0:1",
    ":2:5",
    ":999999999:999999999",
  ],
  ...["9999999999", "node:internal", "async ", "\r", "\t", "new "],
);

/** What a policy says is its stack, and a pack its source map: a stack and a few lines, in little time, whatever they hold. */
export const stackTraces = defineTarget<{ readonly map: string; readonly stack: string }>({
  name: "stacks",
  inputs: fc.record({ map: nearlyJson(MAP), stack: stacks }),
  seeds: [{ map: JSON.stringify(MAP), stack: "E\n    at f (framegate-policy:a:0:1)" }],
  runs: 500,
  check({ map, stack }) {
    const mapper = createStackMapper({ name: "a", file: "a.ts", version: "1", code: "", sourceMap: map });
    const mapped = mapper.mapStack(stack);
    assert.ok(mapped.length <= stack.length + 40_000, `${mapped.length} characters`);
    const place = mapper.findPlace(stack);
    if (place === undefined) return "no place";
    const frame = mapper.codeFrame(place);
    assert.ok(frame.length < 5_000, `${frame.length} characters`);
    return frame === "" ? "a place without its lines" : "a place";
  },
});
