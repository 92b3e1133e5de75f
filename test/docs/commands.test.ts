import { readFile } from "node:fs/promises";
import test from "ava";
import { buildProgram } from "../../cli/program.ts";
import { documents, readDocument, root } from "./documents.ts";

test("every npm script that the documents name is in package.json", async (t) => {
  const { scripts } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  const named = await matchAll(/\bnpm (?:run (?:-s )?([\w-]+)|(start|test)\b)/g);
  t.true(named.length > 10);
  t.deepEqual(
    named.filter(([, script, short = ""]) => !((script ?? short) in scripts)),
    [],
  );
});

test("every framegate command that the documents show is one, with its options", async (t) => {
  const shown = await matchAll(/`(?:framegate|npm run framegate --) ([^`<]+)`/g);
  t.true(shown.length > 10);
  t.deepEqual(
    shown.map(([, line = ""]) => line).filter((line) => !isUsage(line)),
    [],
  );
});

test("README begins with what it is, and the two commands from a fresh clone", async (t) => {
  const text = await readDocument("README.md");
  t.regex(text, /^# Framegate\n\nFramegate is a WebSocket gateway [^#]*\n\n## Try it\n/);
  t.true(text.includes("npm ci && npm start\nnpm ci && npm test\n"));
});

test("while it is not on the registry, no document installs it from there, and its file is that of this version", async (t) => {
  const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  const lines = (await matchAll(/^npm install .*framegate.*$/gm)).map(([line]) => line);
  t.true(lines.length >= 3);
  t.deepEqual(
    lines.filter((line) => !line.includes(`/framegate-${version}.tgz`)),
    [],
  );
});

async function matchAll(pattern: RegExp): Promise<RegExpMatchArray[]> {
  const texts = await Promise.all(documents.map(readDocument));
  return texts.flatMap((text) => [...text.matchAll(pattern)]);
}

function isUsage(line: string): boolean {
  const [name, ...words] = line.split(/\s+/);
  if (name === "--help" || name === "--version") return true;
  const first = buildProgram().commands.find((each) => each.name() === name);
  const command = first?.commands.find((each) => each.name() === words[0]) ?? first;
  const known = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
  return command !== undefined && words.every((word) => !word.startsWith("-") || known.includes(word));
}
