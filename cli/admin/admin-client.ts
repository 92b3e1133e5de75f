import { CliError } from "../errors.ts";
import { type AdminFlags, findGateway, type GatewayAddress } from "./gateway-address.ts";

/** A schema, as far as it is asked. */
interface Shape<Value> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: Value } | { readonly success: false; readonly error: Error };
}

/** What stands behind `?`; what is undefined does not, and a list stands there item by item. */
export type SearchValues = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * The admin API of a running gateway. Paths are below `/api/v1`; names in them are percent-encoded. All methods reject with
 * a CliError (`ERR_CLI_GATEWAY`) that says what to do.
 */
export interface AdminClient {
  get<Value>(path: string, shape: Shape<Value>, query?: SearchValues): Promise<Value>;
  post<Value>(path: string, shape: Shape<Value>, body?: unknown): Promise<Value>;
  patch<Value>(path: string, shape: Shape<Value>, body: unknown): Promise<Value>;
  delete<Value>(path: string, shape: Shape<Value>, query?: SearchValues): Promise<Value>;
}

/** Longest time until a whole answer has come. */
const PATIENCE_MS = 30_000;

/** For the gateway that the options of a command mean. Asks nothing yet. */
export async function openAdminClient(flags: AdminFlags): Promise<AdminClient> {
  const gateway = await findGateway(flags);
  return {
    get: (path, shape, query = {}) => ask(gateway, { method: "GET", path: `${path}${search(query)}` }, shape),
    post: (path, shape, body) => ask(gateway, { method: "POST", path, body }, shape),
    patch: (path, shape, body) => ask(gateway, { method: "PATCH", path, body }, shape),
    delete: (path, shape, query = {}) =>
      ask(gateway, { method: "DELETE", path: `${path}${search(query)}` }, shape),
  };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

async function ask<Value>(gateway: GatewayAddress, request: Request, shape: Shape<Value>): Promise<Value> {
  const { status, text } = await send(gateway, request);
  const answer = parse(text);
  if (status < 200 || status > 299) throw failed(explain(gateway, status, answer));
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  const { method, path } = request;
  throw failed(
    `The gateway at ${gateway.url} answers ${method} ${path} otherwise than expected: is it of this version?\n${parsed.error.message}`,
  );
}

async function send(
  { url, token }: GatewayAddress,
  { method, path, body }: Request,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // Whoever is elsewhere gets no token.
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw failed(`${unreached(url, error)} Name another with --gateway URL.`);
  }
}

function unreached(url: string, error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `The gateway at ${url} has not answered for ${PATIENCE_MS / 1000} s: its log may say why.`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = "", message } = cause as Error & { readonly code?: string };
  if (/CERT|SELF_SIGNED|TLS|SSL/.test(code))
    return `The certificate of ${url} is not trusted (${code}): name its issuer's file in NODE_EXTRA_CA_CERTS.`;
  return `Nobody answers at ${url} (${code || message}): is the gateway running, and is this where its console is?`;
}

function explain({ url, token }: GatewayAddress, status: number, answer: unknown): string {
  const said = wordsOf(answer);
  if (said === undefined) return `What answers at ${url} is no console of Framegate: it says ${status}.`;
  if (status !== 401) return `The gateway at ${url} says: ${said}`;
  return token === undefined
    ? `The gateway at ${url} asks for a token: set FRAMEGATE_TOKEN, or name the config file that has it with --config. Where the config has none, it is what stands behind \`#token=\` in the console's address that \`framegate dev\` prints.`
    : `The gateway at ${url} does not know this token: it is \`token\` below \`console\` in its config.`;
}

function wordsOf(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === "string" ? error.message : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function search(query: SearchValues): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined) params.append(name, String(each));
  }
  return params.size === 0 ? "" : `?${params}`;
}

function failed(message: string): CliError {
  return new CliError("ERR_CLI_GATEWAY", message);
}
