import { ALLOWED_CALLS, CLONE_CALL } from "./syscalls.ts";

/**
 * A seccomp filter that allows what is in the list, as a program for the kernel: each instruction is a code (u16), two
 * distances to jump, when its test holds and when not (u8), and an operand (u32).
 *
 *   another architecture ──────▶ kill
 *   one of the allowed calls ──▶ allow
 *   clone ── makes a thread? ──▶ allow
 *              │ no: a process
 *   all else ──┴───────────────▶ ENOSYS: Node and the C library do without, as on a kernel that has no such call
 *
 * `clone3` is among all else, for its flags lie in memory that a filter cannot see.
 *
 * @param architecture as in `process.arch`; undefined where there is no filter for it
 */
export function seccompFilter(architecture: string): Buffer | undefined {
  const target = TARGETS[architecture];
  if (target === undefined) return undefined;
  const { audit, column } = target;
  const numbers = Object.values(ALLOWED_CALLS).flatMap((row) => row[column] ?? []);
  const toEnd = (i: number) => numbers.length + 3 - i;
  return Buffer.concat([
    instruction(LOAD, ARCHITECTURE),
    instruction(JUMP_IF_EQUAL, audit, 1),
    instruction(RETURN, KILL_PROCESS),
    instruction(LOAD, CALL_NUMBER),
    ...numbers.map((number, i) => instruction(JUMP_IF_EQUAL, number, toEnd(i))),
    instruction(JUMP_IF_EQUAL, CLONE_CALL[column], 0, 2),
    instruction(LOAD, FIRST_ARGUMENT),
    instruction(JUMP_IF_ANY_BIT, CLONE_THREAD, 1),
    instruction(RETURN, FAIL_WITH | ENOSYS),
    instruction(RETURN, ALLOW),
  ]);
}

/** By architecture: how the kernel names it (AUDIT_ARCH_…), and its numbers' place in the list. Both are little-endian. */
const TARGETS: Readonly<Record<string, { readonly audit: number; readonly column: 0 | 1 }>> = {
  x64: { audit: 0xc000_003e, column: 0 },
  arm64: { audit: 0xc000_00b7, column: 1 },
};

// linux/bpf_common.h
const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;

// struct seccomp_data of linux/seccomp.h: where the call is described
const CALL_NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

// linux/seccomp.h
const KILL_PROCESS = 0x8000_0000;
const FAIL_WITH = 0x0005_0000;
const ALLOW = 0x7fff_0000;

const ENOSYS = 38;
const CLONE_THREAD = 0x0001_0000;

/** @param yes so many instructions are left out when the test holds; `no`: when it does not */
function instruction(code: number, operand: number, yes = 0, no = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
