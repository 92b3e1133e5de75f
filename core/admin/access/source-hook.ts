import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { createQuiet } from "../../../policies/reload/quiet.ts";
import { AdminError } from "../errors.ts";
import { createGuessLimit } from "./guess-limit.ts";

export interface SourceHook {
  /** Undefined: there is no hook. */
  secret(): string | undefined;
  look(): void;
}

/** However often it is called, the source is asked no more than once in a second. */
const PACE = { quietMs: 200, maxWaitMs: 1000 };

/**
 * `POST /hooks/source`: the source has something new. All that can come of it is a look, so that what it says does not
 * matter; who sends it shows the secret, or has signed the body with it.
 */
export function addSourceHook(app: Hono<{ Bindings: HttpBindings }>, hook: SourceHook): void {
  const guesses = createGuessLimit();
  const looking = createQuiet(() => hook.look(), PACE);

  app.post("/hooks/source", async (context) => {
    const secret = hook.secret();
    if (secret === undefined)
      throw new AdminError("ERR_NOT_FOUND", "there is no such hook: `source.hook` makes it");
    const address = context.env.incoming.socket.remoteAddress ?? "";
    const shown = shownBy((name) => context.req.header(name));
    const body = Buffer.from(await context.req.arrayBuffer());
    const isKnown = shown !== undefined && isRight(shown, body, secret);
    // A signature is another one each time: who has made one before from there knows the secret still.
    const known = isKnown ? secret : (shown?.text ?? "");
    const wait = guesses.waitSeconds(address, known);
    if (wait > 0) {
      const message = `too many wrong tokens from ${address}; try again in ${wait} s`;
      throw new AdminError("ERR_TOO_MANY_LOGINS", message, { "Retry-After": String(wait) });
    }
    if (!isKnown) {
      guesses.countFailure(address, known);
      throw new AdminError("ERR_LOGIN", "expected the secret of this hook, or a signature by it");
    }
    guesses.countSuccess(address, known);
    looking.signal();
    return context.json({ done: true });
  });
}

interface Shown {
  readonly kind: "secret" | "signature";
  readonly text: string;
}

/** As GitHub and Gitea sign, GitLab shows a token, and registries and all others can be told to. */
function shownBy(header: (name: string) => string | undefined): Shown | undefined {
  const signature = /^sha256=([0-9a-f]{64})$/.exec(header("X-Hub-Signature-256") ?? "")?.[1];
  if (signature !== undefined) return { kind: "signature", text: signature };
  const token = /^Bearer +(\S+)$/i.exec(header("Authorization") ?? "")?.[1] ?? header("X-Gitlab-Token");
  return token === undefined ? undefined : { kind: "secret", text: token };
}

function isRight({ kind, text }: Shown, body: Buffer, secret: string): boolean {
  switch (kind) {
    case "secret":
      return isSame(text, secret);
    case "signature":
      return isSame(text, createHmac("sha256", secret).update(body).digest("hex"));
  }
}

/** In a time that says nothing of where they differ, whatever their lengths are. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(left as Buffer, right as Buffer);
}
