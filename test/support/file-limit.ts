import { spawnSync } from "node:child_process";
import test from "ava";

/** The system refuses larger files to this process, as a full disk would. @returns whether it could be told so */
export function limitFiles(bytes: string): boolean {
  return spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`]).status === 0;
}

const canLimit = limitFiles("unlimited");

/** A test that limits files. In CI it fails where that cannot be done. */
export const onFullDisk = canLimit || process.env.CI === "true" ? test : test.skip;
