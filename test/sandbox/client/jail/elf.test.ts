import test from "ava";
import { findLoader } from "../../../../sandbox/client/jail/elf.ts";
import { findLibraries } from "../../../../sandbox/client/jail/files.ts";

const LOADER = "/lib/ld-test.so.1";

/** A program of one segment that is none of a loader's, and one that names it. */
function program(bits: 32 | 64, order: "little" | "big", kind = 3): Uint8Array {
  const [tableAt, entryBytes, pathAt] = [100, bits === 64 ? 56 : 32, 300];
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  const isLittle = order === "little";
  const put = (at: number, value: number) =>
    bits === 64 ? view.setBigUint64(at, BigInt(value), isLittle) : view.setUint32(at, value, isLittle);
  view.setUint32(0, 0x7f45_4c46);
  bytes.set([bits / 32, isLittle ? 1 : 2], 4);
  put(bits === 64 ? 32 : 28, tableAt);
  view.setUint16(bits === 64 ? 54 : 42, entryBytes, isLittle);
  view.setUint16(bits === 64 ? 56 : 44, 2, isLittle);
  view.setUint32(tableAt, 6, isLittle);
  view.setUint32(tableAt + entryBytes, kind, isLittle);
  put(tableAt + entryBytes + (bits === 64 ? 8 : 4), pathAt);
  put(tableAt + entryBytes + (bits === 64 ? 32 : 16), LOADER.length + 1);
  bytes.set(new TextEncoder().encode(`${LOADER}\0`), pathAt);
  return bytes;
}

const read = (bytes: Uint8Array) => async (at: number, length: number) => bytes.slice(at, at + length);

test("the loader of a program is found, of whichever class and order of bytes", async (t) => {
  for (const bits of [32, 64] as const)
    for (const order of ["little", "big"] as const)
      t.is(await findLoader(read(program(bits, order))), LOADER, `${bits} ${order}`);
});

test("what needs none has none: a program by itself, a script, what is cut off", async (t) => {
  t.is(await findLoader(read(program(64, "little", 1))), undefined);
  t.is(await findLoader(read(new TextEncoder().encode("#!/bin/sh\nexit 0\n".repeat(10)))), undefined);
  t.is(await findLoader(read(program(64, "little").subarray(0, 40))), undefined);
  t.is(await findLoader(read(program(64, "little").subarray(0, 120))), undefined);
});

(process.platform === "linux" ? test : test.skip)(
  "Node's libraries are found, its loader among them",
  async (t) => {
    const libraries = await findLibraries(process.execPath);
    t.true(
      libraries.some((library) => /\/libc\b/.test(library) || library.includes("musl")),
      libraries.join(),
    );
    t.true(
      libraries.some((library) => /\/ld-/.test(library)),
      libraries.join(),
    );
  },
);
