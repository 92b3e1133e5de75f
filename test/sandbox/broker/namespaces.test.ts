import test from "ava";
import { namespaceOf } from "../../../sandbox/broker/grants.ts";

test("policies of a pack share a namespace, each file of the folder has one of its own, and none has another's", (t) => {
  t.is(namespaceOf("@acme/guard/audit"), "@acme/guard");
  t.is(namespaceOf("@acme/guard/sub/redact"), "@acme/guard");
  t.is(namespaceOf("billing/audit"), "billing/audit");
  const files = ["@acme/guard", "@Acme/guard/audit", "@Acme/guard/redact", "@x", "acme"];
  const namespaces = [...files.map(namespaceOf), namespaceOf("@acme/guard/audit")];
  t.is(new Set(namespaces).size, namespaces.length);
});
