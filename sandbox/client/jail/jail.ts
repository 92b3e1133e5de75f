import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { OsSandbox } from "../../contract/limits.ts";
import { SandboxError } from "../../errors.ts";
import { FILTER_FD } from "../../host-descriptors.ts";
import { findLibraries, findLoader, findProgram, isOpenToAll } from "./files.ts";
import { seccompFilter } from "./seccomp.ts";
import { shortfallOf } from "./shortfall.ts";
import { type HostCommand, type JailTools, type JailWay, jailWays, type Launch } from "./ways.ts";

/** What the operating system keeps a host in. */
export interface Jail {
  readonly kind: JailWay["kind"] | "none";
  /** What it lacks and what to do about that; undefined: nothing, or nobody wants it. */
  readonly shortfall?: string;
  readonly facts: JailFacts;
  launch(command: HostCommand): Launch;
}

/** What was found to work here, as plain data: a process tells it to those that it starts. */
export interface JailFacts {
  readonly kind: Jail["kind"];
  readonly shortfall?: string;
  /** Hosts become somebody who owns nothing. */
  readonly asNobody: boolean;
  readonly tools: JailTools;
}

const NO_TOOLS: JailTools = { libraries: [] };
const openJail = jailOf({ kind: "none", asNobody: false, tools: NO_TOOLS });

/** Far beyond what it takes on a busy machine. */
const ATTEMPT_MS = 10_000;
const SAID_KEPT = 500;

let looked: Promise<JailTools> | undefined;
let found: Promise<Jail> | undefined;

/** Look for what walls can be made of. Nothing is tried yet: whether that is wanted only the config knows. */
export function lookForTools(): Promise<JailTools> {
  looked ??= findTools(process.env.PATH ?? "");
  return looked;
}

/** Rejects with `ERR_OS_SANDBOX` where what is required is not to be had. */
export async function findJail(os: OsSandbox, find = findOnce): Promise<Jail> {
  if (os === "off") return openJail;
  const jail = await find();
  if (os === "require" && jail.shortfall !== undefined)
    throw new SandboxError(
      "ERR_OS_SANDBOX",
      `\`sandbox.os\` is "require", and ${jail.shortfall} Or set \`sandbox.os\` to "auto".`,
    );
  return jail;
}

/** As it is when the process begins: what is installed later is for the next one. */
function findOnce(): Promise<Jail> {
  found ??= tryJails(lookForTools);
  return found;
}

/** The process that has started this one has tried already: that takes some processes, each time. */
export function adoptJail(facts: JailFacts): void {
  found = Promise.resolve(jailOf(facts));
}

function jailOf(facts: JailFacts): Jail {
  const { kind, shortfall, asNobody, tools } = facts;
  const way = jailWays(tools, isRoot()).find((one) => one.kind === kind);
  if (way === undefined && kind !== "none") throw new Error(`there is no way to wall hosts in by ${kind}`);
  return {
    ...{ kind, facts },
    ...(shortfall !== undefined && { shortfall }),
    launch: (command) =>
      way === undefined
        ? { file: command.node, args: command.args }
        : way.launch(command, asNobody && [command.node, ...command.reads].every(isOpenToAll)),
  };
}

/** What works here: each way is really gone, with a Node that says its version and ends. */
export async function tryJails(look: () => Promise<JailTools>, platform = process.platform): Promise<Jail> {
  const none = { kind: "none", asNobody: false, tools: NO_TOOLS } as const;
  if (platform !== "linux") return jailOf({ ...none, shortfall: shortfallOf({ platform }) });
  const tools = await look();
  let failure: string | undefined;
  for (const way of jailWays(tools, isRoot()))
    for (const asNobody of isRoot() ? [true, false] : [false]) {
      const probe = { node: process.execPath, args: ["--version"], reads: [] };
      if (asNobody && !isOpenToAll(probe.node)) continue;
      const { kind } = way;
      const problem = await attempt(way.launch(probe, asNobody));
      if (problem !== undefined) {
        if (kind === "bubblewrap") failure = problem;
        continue;
      }
      return jailOf({
        ...{ kind, asNobody, tools },
        shortfall: shortfallOf({ platform, kind, failure, tools }),
      });
    }
  return jailOf({ ...none, shortfall: shortfallOf({ platform, failure, tools }) });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** @param path folders, as the variable PATH has them */
export async function findTools(path: string): Promise<JailTools> {
  const [bwrap, setpriv, prlimit] = ["bwrap", "setpriv", "prlimit"].map((name) => findProgram(name, path));
  if (bwrap === undefined) return { setpriv, prlimit, libraries: [] };
  const loader = findLoader(await readFile("/proc/self/maps", "utf8").catch(() => ""));
  const libraries = await Promise.all(
    [process.execPath, prlimit].map(async (program) =>
      loader === undefined || program === undefined ? [] : findLibraries(loader, program).catch(() => []),
    ),
  );
  const filter = seccompFilter(process.arch);
  return {
    ...{ bwrap, setpriv, prlimit },
    libraries: [...new Set(libraries.flat())],
    ...(filter && { filter }),
  };
}

/** @returns how it failed */
function attempt({ file, args, identity, filter }: Launch): Promise<string | undefined> {
  const child = spawn(file, args, {
    ...{ ...identity, env: {}, cwd: "/", timeout: ATTEMPT_MS },
    stdio: ["ignore", "ignore", "pipe", "ignore", "ignore", filter ? "pipe" : "ignore"],
  });
  giveFilter(child, filter);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_KEPT);
  });
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code, signal) => {
      resolve(code === 0 ? undefined : said.trim() || `it ended with ${signal ?? `code ${code}`}`);
    });
  });
}

/** To a process that was started with a pipe at `FILTER_FD`. */
export function giveFilter(child: ChildProcess, filter: Buffer | undefined): void {
  if (filter === undefined) return;
  const pipe = child.stdio?.at(FILTER_FD) as Writable | null | undefined;
  // One that ends without having read it says why by itself.
  pipe?.on("error", () => {});
  // Nothing comes back by it: a descriptor for each host would be kept for nothing.
  pipe?.end(filter, () => pipe.destroy());
}
