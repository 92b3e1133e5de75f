import { existsSync, readFileSync } from "node:fs";
import test from "ava";
import { seccompFilter } from "../../../../sandbox/client/jail/seccomp.ts";
import { ALLOWED_CALLS, CLONE_CALL } from "../../../../sandbox/client/jail/syscalls.ts";

const [ALLOW, ENOSYS, KILL] = [0x7fff_0000, 0x0005_0026, 0x8000_0000];
const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const CLONE_THREAD = 0x0001_0000;
const CLONE_NEWUSER = 0x1000_0000;

/** Runs a filter as the kernel does, on a call that `data` describes. */
function decide(filter: Buffer, call: number, audit: number, argument = 0): number {
  const data = new Map([
    [0, call],
    [4, audit],
    [16, argument],
  ]);
  let accumulator = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const [code, operand] = [filter.readUInt16LE(at), filter.readUInt32LE(at + 4)];
    const [yes, no] = [filter.readUInt8(at + 2), filter.readUInt8(at + 3)];
    if (code === 0x06) return operand;
    if (code === 0x20) accumulator = data.get(operand) ?? Number.NaN;
    else if (code === 0x15) at += 8 * (accumulator === operand ? yes : no);
    else if (code === 0x45) at += 8 * ((accumulator & operand) === 0 ? no : yes);
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error("the program has no end");
}

for (const [column, arch] of (["x64", "arm64"] as const).entries()) {
  const filter = seccompFilter(arch) ?? Buffer.alloc(0);
  const numbers = Object.values(ALLOWED_CALLS).flatMap((row) => row[column] ?? []);

  test(`${arch}: what is listed may be called, and nothing else`, (t) => {
    const allowed = [...Array(1024).keys()].filter((call) => decide(filter, call, AUDIT[arch]) === ALLOW);
    t.deepEqual(
      allowed,
      numbers.toSorted((a, b) => a - b),
    );
    // The numbers of x32 are those of x64 with a bit more.
    for (const number of numbers) t.is(decide(filter, number | 0x4000_0000, AUDIT[arch]), ENOSYS);
  });

  test(`${arch}: clone makes threads, and neither processes nor namespaces`, (t) => {
    const clone = CLONE_CALL[column] as number;
    t.is(decide(filter, clone, AUDIT[arch], CLONE_THREAD | 0xf00), ALLOW);
    t.is(decide(filter, clone, AUDIT[arch], 17), ENOSYS);
    t.is(decide(filter, clone, AUDIT[arch], CLONE_NEWUSER | 17), ENOSYS);
  });

  test(`${arch}: calls of another architecture end the process`, (t) => {
    for (const number of numbers) t.is(decide(filter, number, 0x4000_0003), KILL);
  });
}

test("there is no filter for other architectures", (t) => {
  t.is(seccompFilter("riscv64"), undefined);
});

const headers = ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h"];
/** Numbers by name; asm-generic names those of 64 bits otherwise. */
const readNumbers = (file: string) =>
  new Map(
    [...readFileSync(file, "utf8").matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)].map(
      ([, name, number]) => [name === "fstatat" ? "newfstatat" : name, Number(number)],
    ),
  );

(headers.every(existsSync) ? test : test.skip)("the numbers are those of the kernel's own headers", (t) => {
  for (const [column, file] of headers.entries()) {
    const numbers = readNumbers(file);
    for (const [name, row] of Object.entries({ ...ALLOWED_CALLS, clone: CLONE_CALL }))
      t.is(row[column], numbers.get(name), `${name} in ${file}`);
  }
});
