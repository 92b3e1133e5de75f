import { randomFillSync } from "node:crypto";
import { gzipSync } from "node:zlib";
import test from "ava";
import { readArchive } from "../../../policies/pack/archive.ts";
import { archiveOf, type Entry } from "./packing.ts";

const good: Entry = { path: "package/dist/a.js", text: "a" };

test("files by path, without the archive's own top folder", async (t) => {
  const entries = [
    { path: "package/", type: "Directory" as const },
    good,
    { path: "package/b c.md", text: "b" },
  ];
  const files = await readArchive(archiveOf(entries), "a.tgz");
  t.deepEqual(
    [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]),
    [
      ["dist/a.js", "a"],
      ["b c.md", "b"],
    ],
  );
});

const attacks: Readonly<Record<string, readonly [entries: readonly Entry[], message: RegExp]>> = {
  "a path that climbs out": [
    [good, { path: "package/../../evil", text: "" }],
    /"package\/\.\.\/\.\.\/evil" is not one below/,
  ],
  "a path that begins with ..": [[{ path: "../evil", text: "" }], /is not one below/],
  "an absolute path": [[{ path: "/etc/evil", text: "" }], /is not one below/],
  "a path of Windows": [[{ path: "package/..\\evil", text: "" }], /is not one below/],
  "a drive of Windows": [[{ path: "package/C:evil", text: "" }], /is not one below/],
  "a symlink": [
    [{ path: "package/dist", type: "SymbolicLink", linkpath: "/etc" }, good],
    /is no file but a SymbolicLink to "\/etc"/,
  ],
  "a hard link": [[{ path: "package/a", type: "Link", linkpath: "/etc/passwd" }], /is no file but a Link/],
  "a device": [[{ path: "package/a", type: "CharacterDevice" }], /is no file but a CharacterDevice/],
  "a pipe": [[{ path: "package/a", type: "FIFO" }], /is no file but a FIFO/],
  "one path twice": [[good, good], /"dist\/a\.js" is in it twice/],
  "two paths that are one on some disks": [
    [good, { path: "package/dist/A.js", text: "A" }],
    /is in it twice/,
  ],
  "one path below two top folders": [[good, { path: "other/dist/a.js", text: "evil" }], /is in it twice/],
  "a file that is a folder too": [
    [good, { path: "package/Dist", text: "" }],
    /"dist" is in it as a file and as a folder/,
  ],
  "a file below a file": [
    [{ path: "package/dist", text: "" }, good],
    /"dist" is in it as a file and as a folder/,
  ],
  "more entries than any pack has": [
    Array.from({ length: 2001 }, (_, i) => ({ path: `package/${i}`, text: "" })),
    /expected at most 2000 entries/,
  ],
  "a bomb": [[{ path: "package/a", text: Buffer.alloc(65 * 1024 * 1024) }], /larger than 64 MiB unpacked/],
};

for (const [attack, [entries, message]] of Object.entries(attacks)) {
  test(`${attack} is refused`, async (t) => {
    await t.throwsAsync(readArchive(archiveOf(entries), "a.tgz"), { code: "ERR_PACK_ARCHIVE", message });
  });
}

test("a bomb within a bomb is refused before it is unpacked", async (t) => {
  const zeros = Buffer.alloc(32 * 1024 * 1024);
  for (let at = 0; at < zeros.length; at += 4096) randomFillSync(zeros, at, 6);
  const inner = archiveOf([{ path: "package/a", text: zeros }]);
  t.true(inner.length < 2 * 1024 * 1024);
  await t.throwsAsync(readArchive(gzipSync(inner), "a.tgz"), { message: /compressed once/ });
});

test("what is no archive, a part of one, and one that is too large packed", async (t) => {
  const whole = archiveOf([good]);
  await t.throwsAsync(readArchive(Buffer.from("hello"), "a.tgz"), {
    message: /^a\.tgz: expected a gzipped tar archive/,
  });
  await t.throwsAsync(readArchive(whole.subarray(0, 40), "a.tgz"), { code: "ERR_PACK_ARCHIVE" });
  await t.throwsAsync(readArchive(Buffer.alloc(17 * 1024 * 1024), "a.tgz"), {
    message: /larger than 16 MiB packed/,
  });
});
