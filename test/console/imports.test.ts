import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { readImports } from "../../scripts/house/imports.ts";
import { parse } from "../../scripts/house/parse.ts";

const root = new URL("../../", import.meta.url);
const files = readdirSync(new URL("console/", root), { recursive: true, encoding: "utf8" }).filter((path) =>
  /\.tsx?$/.test(path),
);

test("of the gateway the console knows types, and of those what the admin API gives", (t) => {
  t.true(files.length > 40);
  for (const file of files) {
    const text = readFileSync(new URL(`console/${file}`, root), "utf8");
    for (const { target, isType } of readImports(`console/${file}`, parse(file, text))) {
      if (!target.startsWith("core/")) continue;
      t.true(isType, `${file} imports ${target}`);
      t.regex(
        target,
        /^core\/(admin\/api\/(api-schema|breakpoints\/breakpoints-schema|drains\/drain-schema|files\/file-schema|fleet\/fleet-schema|problems\/problem-schema|recording\/switch-schema|rollout-schema|sessions\/session-renewal-schema|shadow-schema|source-schema|steering-schema|traffic\/filter-schema|trials\/trial-schema)|explain\/explanation|traffic\/records)\.ts$/,
        file,
      );
    }
  }
});

test("the page has nothing inline, asks no other host, and puts no text in as HTML", (t) => {
  for (const file of files) {
    const text = readFileSync(new URL(`console/${file}`, root), "utf8");
    t.notRegex(
      text,
      /dangerouslySetInnerHTML|innerHTML|\beval\(|new Function|https?:\/\/(?!www\.w3\.org)/,
      file,
    );
  }
});
