import test from "ava";
import { decide, firstDecision, type UpgradeDecision } from "../../core/request/decision.ts";
import { earliestExpiry } from "../../core/request/terms.ts";
import type { CheckedUpgradeVerdict, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { ContentTypes } from "../../sandbox/contract.ts";

const json = { text: "application/json", binary: "application/json" };
const types: ContentTypes = { client: json, server: json };
const first = firstDecision(types);

/** What hooks decide one after the other, up to the first refusal. */
function play(onError: "close" | "pass", ...outcomes: readonly Outcome[]) {
  let decision: UpgradeDecision = first;
  for (const outcome of outcomes) {
    const next = decide(decision, outcome, { policy: "p", use: "p", onError });
    if ("refusal" in next) return next;
    decision = next;
  }
  return decision;
}

const says = (verdict: CheckedUpgradeVerdict): Outcome => ({ kind: "upgrade", verdict });
const fault = (reason: "throw" | "unavailable"): Outcome => ({
  kind: "fault",
  fault: { reason, policy: "p", version: "1", hook: "upgrade", message: "no", stack: "" },
});

test("a hook that says nothing changes nothing", (t) => {
  t.is(play("close", { kind: "unchanged" }), first);
});

test("a later word goes over an earlier one; what it leaves out stays", (t) => {
  const decision = play(
    "close",
    says({
      connect: "one",
      attributes: { a: 1, b: 1 },
      headers: { x: ["1"], y: ["1"] },
      contentType: "text/csv",
    }),
    says({ attributes: { b: 2 }, headers: { y: null }, responseHeaders: { z: ["2"] }, subprotocol: "s" }),
  );
  const csv = { text: "text/csv", binary: "text/csv" };
  t.deepEqual(decision, {
    connect: "one",
    subprotocol: "s",
    attributes: { a: 1, b: 2 },
    headers: { x: ["1"], y: null },
    responseHeaders: { z: ["2"] },
    types: { client: csv, server: csv },
  });
});

test("what each says of the connection's time is kept, and of expires the earliest counts", (t) => {
  const decision = play("close", says({ expires: 3 }), says({ expires: 1, renewAt: 1 }), says({}));
  const terms = "terms" in decision ? decision.terms : undefined;
  t.deepEqual(terms, [
    { use: "p", expires: 3 },
    { use: "p", expires: 1, renewAt: 1 },
  ]);
  t.is(earliestExpiry(terms ?? []), 1);
  t.is(earliestExpiry([{}]), undefined);
});

test("a rejection brings its status, its fields but for those of the handshake, and its body with a type", (t) => {
  const reject = {
    status: 401,
    headers: { "www-authenticate": ["a", "b"], connection: ["x"] },
    body: "who?",
  };
  t.deepEqual(play("pass", says({ reject: { ...reject, contentType: "text/plain" } })), {
    refusal: {
      code: "ERR_REJECTED",
      detail: 'rejected by policy "p"',
      status: 401,
      headers: [
        ["www-authenticate", "a"],
        ["www-authenticate", "b"],
      ],
      body: { bytes: "who?", contentType: "text/plain" },
    },
  });
});

test("a rejection's own Content-Type is the only one, and an empty body has none", (t) => {
  const rejectWith = (headers: Readonly<Record<string, string[]>>, body: string) =>
    play("close", says({ reject: { status: 403, headers, body, contentType: "text/plain" } }));
  t.like(rejectWith({ "content-type": ["a/b"] }, "x"), { refusal: { body: { bytes: "x" } } });
  t.deepEqual(Object.keys((rejectWith({}, "") as { refusal: { body: object } }).refusal.body), ["bytes"]);
});

test("a policy that fails lets nobody in, but where the route says pass", (t) => {
  t.like(play("close", fault("throw")), { refusal: { code: "ERR_POLICY_FAULT", detail: "p: no" } });
  t.like(play("close", fault("unavailable")), { refusal: { code: "ERR_POLICY_UNAVAILABLE", detail: "no" } });
  t.is(play("pass", fault("throw"), fault("unavailable")), first);
});

test("fields of the handshake are no policy's, whatever the route says of faults", (t) => {
  for (const verdict of [
    { headers: { host: ["x"] } },
    { responseHeaders: { "sec-websocket-accept": null } },
  ]) {
    t.like(play("pass", says(verdict)), { refusal: { code: "ERR_POLICY_FAULT" } });
  }
});
