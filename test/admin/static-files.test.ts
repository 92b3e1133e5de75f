import test from "ava";
import { createStaticFiles } from "../../core/admin/static-files.ts";
import { makeFolder, writeFiles } from "../policies/temporary-folder.ts";

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

test("where there is no page there is none", async (t) => {
  t.is(await createStaticFiles(async () => undefined).find("/index.html"), undefined);
});
