import assert from "node:assert/strict";
import fc from "fast-check";
import { CapabilityError } from "../../../../sandbox/broker/errors.ts";
import {
  readAlertAsk,
  readFetchAsk,
  readKvAsk,
  readRateAsk,
  readSecretAsk,
} from "../../../../sandbox/broker/read-ask.ts";
import { nearlyJson } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";

const RIGHT = [
  { url: "https://a.example/", method: "POST", headers: [["a", "b"]], redirect: "follow", body: "text" },
  { url: "http://[::1]/", method: "GET", headers: [], redirect: "manual" },
  { op: "set", key: "a", value: "1", expires: 5 },
  { op: "compareAndSet", key: "a", expected: null, value: '"b"' },
  { op: "increment", key: "a", by: 1 },
  { name: "API_KEY" },
  { key: "a", limit: 5, per: 1000, burst: 5, onStoreLoss: "local" },
];

const isRefusal = (error: unknown) => error instanceof CapabilityError;

/** What a policy asks for, as a host tells it: of the form of an ask, or an error that its policy gets. */
export const askTexts = defineTarget<string>({
  name: "asks",
  inputs: fc.oneof({ weight: 8, arbitrary: nearlyJson(...RIGHT) }, { weight: 1, arbitrary: fc.json() }),
  seeds: RIGHT.map((ask) => JSON.stringify(ask)),
  runs: 500,
  check(json) {
    const fetch = attempt(() => readFetchAsk(json), isRefusal);
    const kv = attempt(() => readKvAsk(json), isRefusal);
    const secret = attempt(() => readSecretAsk(json), isRefusal);
    if (fetch !== undefined) {
      assert.deepEqual(readFetchAsk(JSON.stringify(fetch.value)), fetch.value);
      return "fetch";
    }
    const rate = attempt(() => readRateAsk(json), isRefusal);
    if (rate !== undefined) return `rate ${rate.value.onStoreLoss}`;
    if (kv !== undefined) return `kv ${kv.value.op}`;
    const alert = attempt(() => readAlertAsk(json), isRefusal);
    if (alert !== undefined) {
      assert.equal(typeof alert.value.details, "object");
      return "alert";
    }
    if (secret !== undefined) assert.equal(typeof secret.value, "string");
    return secret === undefined ? "refused" : "secret";
  },
});
