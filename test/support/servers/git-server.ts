import { spawn, spawnSync } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { ExecutionContext } from "ava";
import { startHttp } from "./http-server.ts";

const QUIET = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
const PERSON = {
  ...{ GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@example.com" },
  ...{ GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@example.com" },
};

/** Runs git in a folder; what it prints. */
export function git(dir: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("git", ["-C", dir, ...args], {
    env: { ...process.env, ...QUIET, ...PERSON },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Serves the repositories of a folder as git's own CGI program does, to who shows this `Authorization`. */
export async function serveGit(t: ExecutionContext, dir: string, authorization?: string): Promise<string> {
  const { url } = await startHttp(t, (request, response) => {
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
    } else {
      void runBackend(request, response, dir);
    }
  });
  return url;
}

async function runBackend(request: IncomingMessage, response: ServerResponse, dir: string): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://git");
  const backend = spawn("git", ["http-backend"], {
    env: {
      ...process.env,
      ...QUIET,
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "anna",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(backend.stdin);
  const answer = await buffer(backend.stdout);
  const end = answer.indexOf("\r\n\r\n");
  const fields = answer
    .subarray(0, end)
    .toString()
    .split("\r\n")
    .map((line) => line.split(": "));
  const { Status: status = "200", ...headers } = Object.fromEntries(fields) as Record<string, string>;
  response.writeHead(Number.parseInt(status, 10), headers).end(answer.subarray(end + 4));
}
