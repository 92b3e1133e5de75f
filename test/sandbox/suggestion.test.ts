import test from "ava";
import { suggestName } from "../../sandbox/suggestion.ts";

test("the nearest name, if it is near enough", (t) => {
  const known = ["upstream", "policies", "path", "use"];
  t.is(suggestName("upsteam", known), "upstream");
  t.is(suggestName("polices", known), "policies");
  t.is(suggestName("Path", known), "path");
  t.is(suggestName("paht", known), "path", "two neighbours swapped are one slip");
  t.is(suggestName("colour", known), undefined);
  t.is(suggestName("x", []), undefined);
  t.is(suggestName("replies", ["append", "reply", "renew"]), "reply", "with another ending");
  t.is(suggestName("dropped", ["drop"]), "drop");
  t.is(suggestName("reject", ["reply", "renew"]), undefined);
  t.is(suggestName("policyName", ["policies"]), undefined);
});
