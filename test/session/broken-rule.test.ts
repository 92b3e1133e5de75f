import test from "ava";
import { brokenRule, faultGrounds } from "../../core/session/broken-rule.ts";
import { END_CAUSES } from "../../core/session-end.ts";

test("the log names the option behind a limit that was exceeded, and says the rest as it is", (t) => {
  for (const [reason, rule] of [
    ["message too big", "maxMessageSize"],
    ["frame too big", "limits.maxFrameSize"],
    ["inflates too much", "compression.maxRatio"],
  ] as const) {
    t.deepEqual(faultGrounds(reason), { detail: `${reason} (\`${rule}\` of the route)`, rule });
  }
  for (const reason of ["", "constructor", "reserved bits set"])
    t.deepEqual(faultGrounds(reason), { detail: reason, rule: reason });
});

test("what peers do by themselves breaks no rule of the gateway's", (t) => {
  const unruled = END_CAUSES.filter((cause) => brokenRule(cause) === "");
  t.deepEqual(unruled, ["peer", "vanished", "protocol", "policy", "admin"]);
});
