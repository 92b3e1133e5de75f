import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeHostMessage } from "../../../../sandbox/wire/host-messages.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";
import { hostMessages as right } from "../../../sandbox/wire/right-messages.ts";
import { nearlyJson } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";

function decode(json: string) {
  const bytes = Buffer.from(json);
  return decodeHostMessage(bytes, 0, bytes.length);
}

/** A message of a sandbox host: of one of the forms that there are, and of nothing else, or nonsense. */
export const hostMessages = defineTarget<string>({
  name: "host-messages",
  inputs: fc.oneof({ weight: 8, arbitrary: nearlyJson(...right) }, { weight: 1, arbitrary: fc.json() }),
  seeds: right.map((message) => JSON.stringify(message)),
  runs: 500,
  check(json) {
    const read = attempt(
      () => decode(json),
      (error) => error instanceof HostNonsense,
    );
    if (read === undefined) return "nonsense";
    assert.deepEqual(decode(JSON.stringify(read.value)), read.value);
    return read.value.type;
  },
});
