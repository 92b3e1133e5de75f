#!/usr/bin/env node
// `framegate init`, of the version that a project is to have.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const found = createRequire(import.meta.url).resolve("framegate/package.json");
const args = [join(dirname(found), "bin/framegate.js"), "init", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
process.exitCode = status ?? 1;
