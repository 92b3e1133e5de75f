import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ExecutionContext } from "ava";

/** What an editor runs for TypeScript, over a folder. */
export interface LanguageServer {
  /** What it offers at the `|` in the text of this file of the folder. */
  complete(file: string, text: string): Promise<readonly string[]>;
  /** A file of the folder has come or is another; editors tell of that. */
  changed(file: string): void;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly items?: readonly unknown[] };
  readonly result?: { readonly items: readonly { readonly label: string }[] } | null;
}

const CHANGED = 2;

export async function startLanguageServer(
  t: Pick<ExecutionContext, "teardown">,
  dir: string,
): Promise<LanguageServer> {
  const server = spawn(findServer(), ["--lsp", "--stdio"], { cwd: dir, stdio: ["pipe", "pipe", "ignore"] });
  t.teardown(() => server.kill());
  const asked = new Map<number, (answer: Answer) => void>();
  const versions = new Map<string, number>();
  let bytes = Buffer.alloc(0);
  server.stdout.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let answer = takeNext(); answer !== undefined; answer = takeNext()) take(answer);
  });

  function takeNext(): Answer | undefined {
    const head = bytes.indexOf("\r\n\r\n");
    const length = Number(/Content-Length: (\d+)/i.exec(bytes.toString("latin1", 0, Math.max(head, 0)))?.[1]);
    if (head < 0 || bytes.length < head + 4 + length) return undefined;
    const text = bytes.toString("utf8", head + 4, head + 4 + length);
    bytes = bytes.subarray(head + 4 + length);
    return JSON.parse(text) as Answer;
  }

  function take({ id, method, params, ...answer }: Answer): void {
    if (id === undefined) return;
    // Of what it asks, settings among it, nothing is known.
    if (method !== undefined) send({ id, result: params?.items?.map(() => null) ?? null });
    else asked.get(id)?.(answer);
  }

  function send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  function ask(method: string, params: object): Promise<Answer> {
    const id = asked.size + 1;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    asked.set(id, resolve);
    server.once("exit", () => reject(new Error("the language server has ended")));
    send({ id, method, params });
    return promise;
  }

  const rootUri = pathToFileURL(dir).href;
  const uriOf = (file: string) => pathToFileURL(join(dir, file)).href;
  await ask("initialize", { processId: null, rootUri, capabilities: {} });
  send({ method: "initialized", params: {} });
  return {
    async complete(file, marked) {
      const uri = uriOf(file);
      const before = marked.slice(0, marked.indexOf("|")).split("\n");
      const text = marked.replace("|", "");
      const version = (versions.get(file) ?? 0) + 1;
      versions.set(file, version);
      const document = { uri, version, languageId: "typescript", text };
      send(
        version === 1
          ? { method: "textDocument/didOpen", params: { textDocument: document } }
          : {
              method: "textDocument/didChange",
              params: { textDocument: { uri, version }, contentChanges: [{ text }] },
            },
      );
      const position = { line: before.length - 1, character: before.at(-1)!.length };
      const { result } = await ask("textDocument/completion", { textDocument: { uri }, position });
      return result?.items.map(({ label }) => label) ?? [];
    },
    changed(file) {
      const changes = [{ uri: uriOf(file), type: CHANGED }];
      send({ method: "workspace/didChangeWatchedFiles", params: { changes } });
    },
  };
}

/** The compiler itself: what `tsc` is would not end with its wrapper. */
function findServer(): string {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("typescript/package.json"));
  const platform = resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
  return join(dirname(platform), "lib/tsc");
}
