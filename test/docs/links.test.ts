import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { documents, readDocument, root } from "./documents.ts";

test("every relative link of the documents leads to a file, and to a heading of it", async (t) => {
  const links = await findInDocuments((text) =>
    [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target),
  );
  const relative = links.filter(({ found }) => !found.includes("://"));
  t.true(relative.length > 20);
  const broken = await Promise.all(
    relative.map(async (link) => ((await leadsSomewhere(link.document, link.found)) ? [] : [link])),
  );
  t.deepEqual(broken.flat(), []);
});

test("every file of ours that the documents name is there", async (t) => {
  const ours =
    /`((?:core|sandbox|cli|test|bench|scripts|samples|docs|deploy)\/[\w./-]*|policies\/[\w-]+\.ts)`/g;
  const paths = await findInDocuments((text) => [...text.matchAll(ours)].map(([, path = ""]) => path));
  t.true(paths.length > 20);
  t.deepEqual(
    paths.filter(({ found }) => !existsSync(join(root, found))),
    [],
  );
});

test("every table of the documents begins with its head: a row behind an empty line is in no table", async (t) => {
  const firstLines = /(?<=^|\n\n)\|.*(?:\n.*)?/g;
  const beginnings = await findInDocuments((text) =>
    [...withoutCode(text).matchAll(firstLines)].map(([lines]) => lines),
  );
  t.true(beginnings.length > 20);
  t.deepEqual(
    beginnings.filter(({ found }) => !/^.*\n\|(?: ?:?-+:? ?\|)+$/.test(found)),
    [],
  );
});

test("every relative link of a document of the package leads to a file of the package", async (t) => {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    maxBuffer: 16 * 1024 ** 2,
  });
  const [packed] = Object.values(JSON.parse(stdout)) as { files: { path: string }[] }[];
  const paths = packed!.files.map(({ path }) => path);
  const packedDocuments = paths.filter((path) => path.endsWith(".md"));
  t.true(packedDocuments.length > 50);
  const texts = await Promise.all(packedDocuments.map((path) => readFile(join(root, path), "utf8")));
  const lost = packedDocuments.flatMap((document, index) =>
    [...withoutCode(texts[index] ?? "").matchAll(/\]\(([^)\s#]+)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !target.includes("://") && !isPacked(join(dirname(document), target)))
      .map((target) => ({ document, target })),
  );
  t.deepEqual(lost, []);

  function isPacked(path: string): boolean {
    return paths.some((each) => each === path || each.startsWith(`${path.replace(/\/$/, "")}/`));
  }
});

test("package.json says where the project is", async (t) => {
  const { repository, homepage, bugs } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const project = "https://github.com/framegate/framegate";
  t.is(repository.url, `git+${project}.git`);
  t.true(homepage.startsWith(project));
  t.is(bugs, `${project}/issues`);
});

async function findInDocuments(
  find: (text: string) => readonly string[],
): Promise<{ document: string; found: string }[]> {
  const lists = documents.map(async (document) =>
    find(await readDocument(document)).map((found) => ({ document, found })),
  );
  return (await Promise.all(lists)).flat();
}

async function leadsSomewhere(document: string, target: string): Promise<boolean> {
  const [path = "", anchor] = target.split("#");
  const file = join(root, path === "" ? document : join(dirname(document), path));
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(await readFile(file, "utf8")).includes(anchor);
}

/** GitHub's anchors: lower case, punctuation left out, spaces as hyphens. */
function anchorsOf(text: string): string[] {
  const headings = [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, "");
}
