import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { root } from "./documents.ts";

/** docs/conformance.md names a test for each sentence, and each test of the RFCs is named there. */

const document = await readFile(join(root, "docs/conformance.md"), "utf8");
const sections = document.split(/^## /m).filter((section) => section.includes("| shown by |"));
const citations = sections.flatMap(citationsOf);

test("every row names a test", (t) => {
  t.true(citations.length > 80);
  for (const section of sections) {
    for (const row of rowsOf(section)) t.regex(row.at(-1) ?? "", /"[^"]+"/, row.join(" | "));
  }
});

test("every test that is named exists", async (t) => {
  for (const { file, title } of citations) {
    const source = await readFile(join(root, file), "utf8");
    t.true(source.includes(title), `"${title}" is not in ${file}`);
  }
});

test("every test of the RFCs is named", async (t) => {
  const folder = "test/conformance";
  const files = (await readdir(join(root, folder))).filter((name) => name.endsWith(".test.ts"));
  for (const name of files) {
    const source = await readFile(join(root, folder, name), "utf8");
    const titles = [...source.matchAll(/each\(\s*"([^"]+)"|^ {2}"([^"]+ is a 100\d[^"]*)": /gm)];
    t.true(titles.length >= 5, name);
    for (const [, played, inTable] of titles) {
      const title = played ?? inTable;
      const isNamed = citations.some((each) => each.file === `${folder}/${name}` && each.title === title);
      t.true(isNamed, `${name}: ${title}`);
    }
  }
});

interface Citation {
  readonly file: string;
  readonly title: string;
}

/** In the last cell: titles, each in the file that was named last in it, or else the first that the section names. */
function citationsOf(section: string): Citation[] {
  const [, first = ""] = /`(test\/[^`]+\.test\.ts)`/.exec(section) ?? [];
  return rowsOf(section).flatMap((cells) => {
    let file = first;
    return [...(cells.at(-1) ?? "").matchAll(/`(test\/[^`]+)`|"([^"]+)"/g)].flatMap(([, named, title]) => {
      file = named ?? file;
      return title === undefined ? [] : [{ file, title }];
    });
  });
}

function rowsOf(section: string): string[][] {
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}
