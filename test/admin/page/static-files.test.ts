import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { makePage } from "../../../core/admin/page/page-build.ts";
import { createStaticFiles } from "../../../core/admin/page/static-files.ts";
import { makeFolder, writeFiles } from "../../policies/temporary-folder.ts";
import { ask, startConsole } from "../console.ts";

test("files are found by path, paths without ending are the page's own", async (t) => {
  const dir = await makeFolder(t, {
    "dist/index.html": "<!doctype html>",
    "dist/main-ABCD1234.js": "1",
    "dist/assets/a.css": "a{}",
    "dist/secret": "no type",
    "outside.html": "outside",
  });
  const files = createStaticFiles(async () => `${dir}/dist`);
  const page = await files.find("/index.html");
  t.like(page, { type: "text/html; charset=utf-8", isHashed: false });
  t.like(await files.find("/main-ABCD1234.js"), { type: "text/javascript; charset=utf-8", isHashed: true });
  t.is((await files.find("/assets/a.css"))?.type, "text/css; charset=utf-8");
  for (const path of ["/traffic/http", "/sessions", "/secret", "/../secret"])
    t.is(await files.find(path), page, path);
  for (const path of ["/none.js", "/../outside.html", "/%2e%2e/outside.html"]) {
    t.is(await files.find(path), undefined, path);
  }
  await writeFiles(dir, { "dist/main-ABCD1234.js": "2" });
  t.deepEqual((await files.find("/main-ABCD1234.js"))?.bytes, new Uint8Array(Buffer.from("1")));
});

test("a page that could not be made is tried again", async (t) => {
  const dir = await makeFolder(t, { "index.html": "x" });
  let tries = 0;
  const files = createStaticFiles(async () => {
    if (tries++ === 0) throw new Error("no disk");
    return dir;
  });
  await t.throwsAsync(() => files.find("/index.html"), { message: "no disk" });
  t.truthy(await files.find("/index.html"));
});

test("a checkout's page is made of its sources as they are, once, and served without a restart", async (t) => {
  const root = await makeFolder(t, { "main.ts": "1", "views/old.ts": "2" });
  let builds = 0;
  const files = createStaticFiles(() =>
    makePage({
      root,
      files: [],
      async build(outDir) {
        builds++;
        await writeFiles(outDir, { "index.html": `build ${builds}` });
      },
    }),
  );
  const shown = async () => String(Buffer.from((await files.find("/overview"))!.bytes));
  t.is(await shown(), "build 1");
  t.is(await shown(), "build 1");
  await writeFiles(root, { "main.ts": "3" });
  t.is(await shown(), "build 2");
  await rm(join(root, "views/old.ts"));
  t.is(await shown(), "build 3");
  t.is((await readdir(join(root, "dist"))).length, 1);
});

test("gateways that make the page at once all get a whole one, and leave no other", async (t) => {
  const root = await makeFolder(t, { "main.ts": "1" });
  const build = async (outDir: string) => {
    await writeFiles(outDir, { "assets/a-ABCD1234.js": "1" });
    await writeFiles(outDir, { "index.html": "whole" });
  };
  const folders = await Promise.all(Array.from({ length: 4 }, () => makePage({ root, files: [], build })));
  t.is(new Set(folders).size, 1);
  t.deepEqual((await readdir(folders[0]!)).sort(), ["assets", "index.html"]);
  t.is((await readdir(join(root, "dist"))).length, 1);
});

test("a page that could not be made leaves nothing behind", async (t) => {
  const root = await makeFolder(t, { "main.ts": "1" });
  const build = async (outDir: string) => {
    await mkdir(join(outDir, "half"));
    throw new Error("line 7");
  };
  await t.throwsAsync(() => makePage({ root, files: [], build }), { message: "line 7" });
  t.deepEqual(await readdir(join(root, "dist")), []);
});

test("where there is no page there is none", async (t) => {
  t.is(await createStaticFiles(async () => undefined).find("/index.html"), undefined);
});

test("files are kept by browsers: hashed ones for good, others as long as they are the same", async (t) => {
  const dir = await makeFolder(t, { "index.html": "<!doctype html>", "assets/console-ABCD1234.js": "1" });
  const { port } = await startConsole(
    t,
    undefined,
    {},
    createStaticFiles(async () => dir),
  );
  const page = await ask(port, "/traffic/websockets");
  t.is(page.text, "<!doctype html>");
  t.is(page.headers["content-type"], "text/html; charset=utf-8");
  t.is(page.headers["cache-control"], "no-cache");
  const again = await ask(port, "/", { headers: { "if-none-match": String(page.headers.etag) } });
  t.is(again.status, 304);
  t.is(again.text, "");
  const script = await ask(port, "/assets/console-ABCD1234.js");
  t.is(script.headers["cache-control"], "public, max-age=31536000, immutable");
  t.is(script.headers["x-content-type-options"], "nosniff");
  t.is((await ask(port, "/assets/none.js")).status, 404);
  t.is((await ask(port, "/", { headers: { host: "evil.example" } })).status, 403);
});
