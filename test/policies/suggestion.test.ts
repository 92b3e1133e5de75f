import test from "ava";
import { suggestName } from "../../policies/suggestion.ts";

test("the nearest name, if it is near enough", (t) => {
  const known = ["upstream", "policies", "path", "use"];
  t.is(suggestName("upsteam", known), "upstream");
  t.is(suggestName("polices", known), "policies");
  t.is(suggestName("Path", known), "path");
  t.is(suggestName("paht", known), "path", "two neighbours swapped are one slip");
  t.is(suggestName("colour", known), undefined);
  t.is(suggestName("x", []), undefined);
});
