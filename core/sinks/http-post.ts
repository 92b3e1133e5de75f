import { readStart } from "../net/answer-start.ts";
import { problemOfHeaders } from "../net/header-problem.ts";
import { SinkError } from "./errors.ts";

export interface HttpPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** What an answer says that is no success: whether the same would be refused again, and in what words it is told. */
  judge(status: number, text: string): { readonly isRefused: boolean; readonly problem: string };
}

/** So much of an answer is read; more of one that says what was taken is none that can be understood. */
const MAX_BYTES = 64 * 1024;
const MAX_SHOWN = 500;

/** @throws SinkError for all but a success; of a URL no more is told than its host */
export async function postToSink({ url, headers, body, signal, judge }: HttpPost): Promise<Uint8Array> {
  const { host } = new URL(url);
  const wrong = problemOfHeaders(headers);
  if (wrong !== undefined) throw new SinkError("ERR_SINK", `${host}: ${wrong}`);
  const { status, bytes } = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" })
    .then(async ({ status, body: answer }) => ({ status, ...(await readStart(answer, MAX_BYTES)) }))
    .catch((error: unknown) => {
      const { message, cause } = error as Error;
      const why = cause instanceof Error ? cause.message : message;
      throw new SinkError("ERR_SINK", `${host}: ${why}`, { cause: error });
    });
  if (status >= 200 && status < 300) return bytes;
  const { isRefused, problem } = judge(status, bytes.toString("utf8").slice(0, MAX_SHOWN).trim());
  throw new SinkError(isRefused ? "ERR_SINK_REFUSED" : "ERR_SINK", `${host}: ${problem}`);
}
