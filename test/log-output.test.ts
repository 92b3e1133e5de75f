import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogOutput } from "../core/log-output.ts";
import { eventually } from "./support/eventually.ts";
import { limitFiles, onFullDisk } from "./support/file-limit.ts";

onFullDisk(
  "what a full disk refuses is kept up to a bound, told once, and written whole and in order later",
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "framegate-"));
    const file = join(dir, "log");
    const fd = openSync(file, "a");
    t.teardown(() => {
      limitFiles("unlimited");
      closeSync(fd);
      rmSync(dir, { recursive: true });
    });
    const failures: string[] = [];
    const recoveries: number[] = [];
    const output = createLogOutput({
      fd,
      retryMs: 20,
      maxKept: 50,
      onFailure: (problem) => failures.push(problem),
      onRecovery: (lost) => recoveries.push(lost),
    });
    // In the middle of the second line.
    t.true(limitFiles("15"));
    output.write("line one\n");
    output.write("line two\n");
    await eventually("the failure is told", () => failures.length > 0);
    for (let i = 0; i < 10; i++) output.write(`kept ${i} ..\n`);
    t.true(limitFiles("unlimited"));
    await eventually("it goes on", () => recoveries.length > 0);
    output.write("the last\n");
    await eventually("the last line is there", () => readFileSync(file, "utf8").endsWith("the last\n"));
    const kept = [0, 1, 2, 3, 4].map((i) => `kept ${i} ..\n`).join("");
    t.is(readFileSync(file, "utf8"), `line one\nline two\n${kept}the last\n`);
    t.is(failures.length, 1);
    t.regex(failures[0] ?? "", /EFBIG/);
    t.deepEqual(recoveries, [5]);
  },
);
