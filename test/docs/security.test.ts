import test from "ava";
import { readDocument, rowsOf, sectionOf } from "./documents.ts";

test("the safe defaults of SECURITY.md are those of docs/config.md, which is made of the schema", async (t) => {
  const config = await readDocument("docs/config.md");
  const rows = rowsOf(sectionOf(await readDocument("SECURITY.md"), "Safe defaults"));
  t.true(rows.length > 15);
  for (const [name = "", expected] of rows) {
    const place = name.replaceAll("`", "").split(": ");
    const option = place.pop();
    const row = rowsOf(sectionOf(config, place.join(": "))).find(([first]) => first === `\`${option}\``);
    t.is(row?.[2], expected, name);
  }
});
