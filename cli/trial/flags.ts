import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { describeRequest } from "../../core/request/request-context.ts";
import { createRouter } from "../../core/routes/router.ts";
import type { TrialCall } from "../../core/trial/trial-call.ts";
import { showPath } from "../../policies/shown-path.ts";
import type { HookName, Payload } from "../../sandbox/contract/hooks.ts";
import { suggestName } from "../../sandbox/suggestion.ts";
import { HOOK_NAMES } from "../../sandbox/wire/hooks.ts";
import { CliError } from "../errors.ts";

/** The options of `framegate run`. */
export interface RunFlags {
  readonly message?: string;
  readonly binary?: string;
  readonly file?: string;
  readonly hook?: string;
  readonly url?: string;
  readonly header?: readonly string[];
  readonly client?: string;
  readonly attribute?: readonly string[];
  readonly subprotocol?: string;
  readonly connect?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly route?: string;
  readonly policies?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** What is called, but for the hook that nobody has named. */
export type AskedCall = Omit<TrialCall, "hook">;

/** @param routePath of the route that was named; its parameters are those that the URL has there */
export function readCall(flags: RunFlags, payload: Payload | undefined, routePath?: string): AskedCall {
  const { url = urlFor(routePath), header = [], client = "127.0.0.1", subprotocol } = flags;
  if (!url.startsWith("/")) throw usage(`Expected --url to be a path such as /chat?user=ann, got "${url}".`);
  const [path = "/"] = url.split("?", 1);
  const found = routePath === undefined ? undefined : createRouter([{ path: routePath }]).find(path);
  if (routePath !== undefined && found === undefined)
    throw usage(`--url: the route ${routePath} does not take ${path}.`);
  const handshake = ["Host", "gateway", "Connection", "Upgrade", "Upgrade", "websocket"];
  const rawHeaders = [...handshake, ...header.flatMap(readHeader)];
  return {
    ...(payload && { payload }),
    context: describeRequest(
      { method: "GET", url, rawHeaders },
      { address: client, port: 50_000, tls: false, certificate: null },
      routePath ?? path,
      found?.params ?? {},
    ),
    attributes: Object.fromEntries((flags.attribute ?? []).map(readAttribute)),
    ...{ subprotocol, server: undefined, connects: flags.connect },
    time: Date.now(),
  };
}

/** One that the route takes; of a parameter its own name. */
function urlFor(routePath = "/"): string {
  return routePath.replaceAll(/:(\w+)/g, "$1").replace(/\*$/, "");
}

export function readHook(name: string | undefined): HookName | undefined {
  if (name === undefined) return undefined;
  const found = HOOK_NAMES.find((hook) => hook === name);
  if (found !== undefined) return found;
  const near = suggestName(name, HOOK_NAMES);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw usage(`Expected --hook to be one of ${HOOK_NAMES.join(", ")}, got "${name}".${hint}`);
}

export async function readPayload({ message, binary, file }: RunFlags): Promise<Payload | undefined> {
  const given = Object.entries({ "--message": message, "--binary": binary, "--file": file }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1)
    throw usage(`Expected one message, got ${given.map(([option]) => option).join(" and ")}: leave out one.`);
  if (message !== undefined) return { binary: false, bytes: Buffer.from(message) };
  if (binary !== undefined) {
    if (!/^[A-Za-z\d+/_-]*={0,2}$/.test(binary))
      throw usage(`Expected --binary to be base64, got "${binary}".`);
    return { binary: true, bytes: Buffer.from(binary, "base64") };
  }
  if (file === undefined) return undefined;
  const bytes = file === "-" ? await buffer(process.stdin) : await readBytes(file);
  return { binary: !isUtf8(bytes), bytes };
}

async function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new CliError(
      "ERR_CLI_PATH",
      `--file: there is no file ${showPath(file)}. Name one that holds the message.`,
    );
  });
}

function readHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw usage(`Expected --header to be "name: value", got "${text}".`);
}

function readAttribute(text: string): readonly [string, unknown] {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`Expected --attribute to be name=value, got "${text}".`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value) as unknown];
  } catch {
    return [text.slice(0, at), value];
  }
}

function usage(message: string): CliError {
  return new CliError("ERR_CLI_USAGE", message);
}
