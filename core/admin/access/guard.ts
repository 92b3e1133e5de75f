import type { IncomingMessage } from "node:http";
import type { ConsoleConfig } from "../../config/index.ts";
import type { Logger } from "../../log.ts";
import type { Role } from "../api/api-schema.ts";
import { AdminError } from "../errors.ts";
import { createGuessLimit } from "./guess-limit.ts";
import { createLogins, LOGIN_LIFE_MS, type Login, type Logins } from "./logins.ts";
import { isForeignOrigin, isKnownHost } from "./origin-check.ts";
import type { Tokens } from "./tokens.ts";

export interface Visitor {
  readonly role: Role;
  /** With a login: aborted when that is over. */
  readonly signal?: AbortSignal;
}

/** Says who may come in. All its methods throw an AdminError for who may not. */
export interface Guard {
  readonly needsLogin: boolean;
  /** For pages and files, which hold no secrets. */
  checkHost(request: IncomingMessage): void;
  /** For whatever looks, or changes something. */
  admit(request: IncomingMessage, isChange: boolean): Visitor;
  /** @returns the role, and the Set-Cookie header that keeps it */
  login(request: IncomingMessage, token: string): { readonly role: Role; readonly cookie: string };
  /** @returns the Set-Cookie header that takes the cookie away */
  logout(request: IncomingMessage): string;
}

export interface GuardOptions {
  readonly config: ConsoleConfig;
  readonly tokens: Tokens;
  /** Where the console is bound. */
  readonly port: () => number;
  readonly logger: Logger;
}

export function createGuard({ config, tokens, port, logger }: GuardOptions): Guard {
  const guesses = createGuessLimit();
  const logins: Logins = createLogins();

  return {
    needsLogin: tokens.areSet,
    checkHost,
    admit(request, isChange) {
      const visitor = identify(request);
      if (isChange && visitor.role !== "admin") {
        throw new AdminError(
          "ERR_ROLE",
          "this token is for looking only; log in with console.token to change things",
        );
      }
      return visitor;
    },
    login(request, token) {
      checkHost(request);
      checkOrigin(request);
      if (!tokens.areSet) {
        throw new AdminError("ERR_CONFLICT", "this console has no tokens, so there is nothing to log in to");
      }
      const role = checkToken(request, token);
      logger.info({ role, client: addressOf(request) }, "console login");
      return { role, cookie: cookieField(logins.open(role), LOGIN_LIFE_MS / 1000) };
    },
    logout(request) {
      const cookie = readCookie(request);
      if (cookie !== undefined) logins.close(cookie);
      return cookieField("", 0);
    },
  };

  function identify(request: IncomingMessage): Visitor {
    const { authorization } = request.headers;
    if (authorization !== undefined && tokens.areSet) {
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      if (token === undefined)
        throw new AdminError("ERR_LOGIN", "expected Authorization: Bearer and a token");
      checkOrigin(request);
      // Whoever has the token is no page that was lured here: by what name it came does not matter.
      return { role: checkToken(request, token) };
    }
    checkHost(request);
    checkOrigin(request);
    if (!tokens.areSet) return { role: "admin" };
    const login = findLogin(request);
    if (login !== undefined) return login;
    const message =
      "log in first: POST /api/v1/login with { token }, or send Authorization: Bearer and a token of the config's console section";
    throw new AdminError("ERR_LOGIN", message, { "WWW-Authenticate": "Bearer" });
  }

  function findLogin(request: IncomingMessage): Login | undefined {
    const cookie = readCookie(request);
    return cookie === undefined ? undefined : logins.find(cookie);
  }

  function checkToken(request: IncomingMessage, token: string): Role {
    const address = addressOf(request);
    const wait = guesses.waitSeconds(address, token);
    if (wait > 0) {
      const message = `too many wrong tokens from ${address}; try again in ${wait} s`;
      throw new AdminError("ERR_TOO_MANY_LOGINS", message, { "Retry-After": String(wait) });
    }
    const role = tokens.roleOf(token);
    if (role !== undefined) {
      guesses.countSuccess(address, token);
      return role;
    }
    guesses.countFailure(address, token);
    logger.warn({ client: address }, "console: a wrong token was shown");
    throw new AdminError("ERR_LOGIN", "this is not a token of this console", {
      "WWW-Authenticate": "Bearer",
    });
  }

  function checkHost(request: IncomingMessage): void {
    const { host } = request.headers;
    if (isKnownHost(host, config)) return;
    const message = `the console is not known as "${host ?? ""}"; if it is yours, add the name to console.hosts in the config`;
    throw new AdminError("ERR_HOST", message);
  }

  function readCookie({ headers }: IncomingMessage): string | undefined {
    const parts = headers.cookie?.split("; ").map((part) => part.split("=")) ?? [];
    return parts.find(([name]) => name === cookieName())?.[1];
  }

  function cookieField(value: string, seconds: number): string {
    const secure = config.tls === undefined ? "" : "; Secure";
    return `${cookieName()}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}${secure}`;
  }

  /** Cookies know no ports: two gateways of one machine would log each other out. */
  function cookieName(): string {
    return `framegate_${port()}`;
  }
}

function checkOrigin({ headers }: IncomingMessage): void {
  const fetchSite = headers["sec-fetch-site"];
  const isForeign = isForeignOrigin({
    origin: headers.origin,
    host: headers.host,
    fetchSite: typeof fetchSite === "string" ? fetchSite : undefined,
  });
  if (!isForeign) return;
  const from = headers.origin === undefined ? "another site" : `"${headers.origin}"`;
  const message = `a page of ${from} may not use this console; a proxy in front of it has to leave the Host header as it is`;
  throw new AdminError("ERR_ORIGIN", message);
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? "";
}
