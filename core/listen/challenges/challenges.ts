import type { IncomingMessage, ServerResponse } from "node:http";

/** What another gateway of the fleet has an authority answered for this token; undefined: nobody knows it. */
export type AskChallenge = (token: string) => Promise<string | undefined>;

/** Where an authority asks whether a name is this gateway's (RFC 8555, 8.3). */
const PATH = "/.well-known/acme-challenge/";
/** Base64url of 128 bits or more. */
const TOKEN = /^[\w-]{22,128}$/;

/** @param answers token → text @returns whether the request was one of these, and has its answer */
export function answerAuthority(
  answers: Readonly<Record<string, string>>,
  { method, url = "" }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const token = url.slice(PATH.length);
  if (method !== "GET" || !url.startsWith(PATH) || !Object.hasOwn(answers, token)) return false;
  sendAnswer(response, answers[token]!);
  return true;
}

/** Undefined where no authority asks so. */
export function challengeToken({
  method,
  url = "",
}: Pick<IncomingMessage, "method" | "url">): string | undefined {
  const token = url.slice(PATH.length);
  return method === "GET" && url.startsWith(PATH) && TOKEN.test(token) ? token : undefined;
}

export function sendAnswer(response: ServerResponse, text: string): void {
  response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(text);
}
