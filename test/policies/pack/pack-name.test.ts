import test from "ava";
import { isPackName, isPolicyName } from "../../../policies/pack/pack-name.ts";

test("names of packs", (t) => {
  for (const name of ["@acme/guard", "@a/b", "@a.c/g.u-a_rd", "@0/9"]) t.true(isPackName(name), name);
  for (const name of [
    "guard",
    "@acme/",
    "@Acme/guard",
    "@acme/guard.",
    "@acme/gu..ard",
    "@acme./guard",
    "@acme/.guard",
    "@acme/g d",
  ]) {
    t.false(isPackName(name), name);
  }
});

test("names of policies of a pack", (t) => {
  for (const name of ["redact", "sub/redact", "Re.dact-2"]) t.true(isPolicyName(name), name);
  for (const name of ["redact.", "sub./redact", "a..b", "/a", "a//b", ".a", "a/"])
    t.false(isPolicyName(name), name);
});
