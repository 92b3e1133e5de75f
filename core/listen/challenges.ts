import type { IncomingMessage, ServerResponse } from "node:http";

/** Where an authority asks whether a name is this gateway's (RFC 8555, 8.3). */
const PATH = "/.well-known/acme-challenge/";

/** @param answers token → text @returns whether the request was one of these, and has its answer */
export function answerAuthority(
  answers: Readonly<Record<string, string>>,
  { method, url = "" }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const token = url.slice(PATH.length);
  if (method !== "GET" || !url.startsWith(PATH) || !Object.hasOwn(answers, token)) return false;
  response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(answers[token]);
  return true;
}
