import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { MAX_UNPACKED_BYTES } from "../../../policies/pack/archive.ts";
import { SourceError } from "../errors.ts";

/** How git may reach a repository. */
export interface GitAccess {
  /** The only one that it may use. */
  readonly protocol: string;
  /** For messages. */
  readonly origin: string;
  /** Of the URL, as it is there and as it is meant: it may be a token. */
  readonly users: readonly string[];
  /** The field `Authorization`. */
  readonly authorization?: string;
}

export interface GitPlace extends GitAccess {
  /** Absolute, where it runs: a folder of ours, for git obeys the settings of the repository that it runs in. */
  readonly dir: string;
}

/** Those of the gateway's that say how others are reached, and no more: its secrets are not git's. */
const PASSED_ON = [
  ...["PATH", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"],
  ...["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"],
];
/** Archives have heads and paddings as well. */
const MAX_OUTPUT = 2 * MAX_UNPACKED_BYTES;
/** Of one pack, which is one file. */
const MAX_FETCHED = 2 * MAX_UNPACKED_BYTES;
const MAX_WORDS = 2000;
/** `ulimit` counts blocks. A shell that may not raise a limit ends: one that is lower stays. */
const LIMITED = `(ulimit -f ${MAX_FETCHED / 512}) 2>/dev/null && ulimit -f ${MAX_FETCHED / 512}; exec git "$@"`;
/** Exit code of a shell that does not find a program. */
const NOT_FOUND = 127;

/**
 * What it prints. Rejects with a SourceError (`ERR_SOURCE_FETCH`) that has git's own words. Nothing that it has started is
 * left then.
 */
export function runGit(args: readonly string[], place: GitPlace, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const fail = (what: string, cause?: unknown) =>
    reject(new SourceError("ERR_SOURCE_FETCH", `${place.origin} cannot be fetched: ${what}`, { cause }));
  const git = spawn("sh", ["-c", LIMITED, "git", ...args], {
    ...{ cwd: place.dir, env: environmentOf(place), stdio: ["ignore", "pipe", "pipe"] },
    // What it starts is of its group.
    detached: true,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let words = "";
  let stoppedFor: string | undefined;
  const stop = (why: string) => {
    stoppedFor ??= why;
    killGroup(git);
  };
  const abort = () => stop("it takes too long");
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  git.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT) stop(`it has more than ${MAX_OUTPUT} bytes`);
    else chunks.push(chunk);
  });
  git.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (words = (words + text).slice(0, 2 * MAX_WORDS)));
  git.on("error", (cause) => fail(cause.message, cause));
  git.on("close", (exitCode) => {
    signal.removeEventListener("abort", abort);
    if (stoppedFor !== undefined) fail(stoppedFor, signal.reason);
    else if (exitCode === 0) resolve(Buffer.concat(chunks));
    else if (exitCode === NOT_FOUND) fail("git is not on the PATH");
    else fail(wordsOf(words, place) || `git exited with ${exitCode}`);
  });
  return promise;
}

/** At once: all that it was to write goes with its folder. */
function killGroup({ pid, stdout, stderr }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  // Who has left the group, as a shared connection of ssh does, may hold them for long.
  stdout?.destroy();
  stderr?.destroy();
}

/** On one line, without the user of a URL. */
function wordsOf(words: string, { users }: GitPlace): string {
  const line = words.trim().replaceAll(/\s*\n\s*/g, "; ");
  const said = users
    .reduce((text, user) => text.replaceAll(`${user}@`, ""), line)
    .replaceAll(/(?<=:\/\/)[^/@\s]*@/g, "")
    .slice(0, MAX_WORDS);
  // What writes a pack does not come to say why it ended.
  return said.endsWith("invalid index-pack output")
    ? `${said}; no more than ${MAX_FETCHED} bytes are fetched`
    : said;
}

/** By the environment, where nobody who lists processes sees it, and with nothing that files of this machine say. */
function environmentOf({ protocol, authorization, dir }: GitPlace): NodeJS.ProcessEnv {
  const settings = [
    ["core.hooksPath", "/dev/null"],
    ["gc.auto", "0"],
    ["fetch.fsckObjects", "true"],
    // All that comes is one file, which can be no larger than is allowed.
    ["fetch.unpackLimit", "1"],
    // What says who asks goes to this server only.
    ["http.followRedirects", "false"],
    // Should there be nobody any more who stops it.
    ["http.lowSpeedLimit", "1"],
    ["http.lowSpeedTime", "600"],
    ...(protocol === "file" ? [["safe.directory", "*"]] : []),
    ...(authorization !== undefined ? [["http.extraHeader", `Authorization: ${authorization}`]] : []),
  ];
  const entries = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
    ...Object.fromEntries(
      PASSED_ON.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    ...Object.fromEntries(entries),
    GIT_CONFIG_COUNT: String(settings.length),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CEILING_DIRECTORIES: dirname(dir),
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: protocol,
    LC_ALL: "C",
  };
}
