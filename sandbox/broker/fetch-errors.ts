import { CapabilityError } from "./errors.ts";

export function privateAddress(host: string): CapabilityError {
  return new CapabilityError(
    "NotGrantedError",
    `fetch: ${host} has an address of a private network or of this machine: add private: true to the policy's grant of fetch`,
  );
}

export function tooLate(url: URL, timeoutMs: number): CapabilityError {
  return new CapabilityError(
    "TimeoutError",
    `fetch: no answer of ${url.origin} within ${timeoutMs} ms (\`timeout\` of the grant)`,
  );
}

/** Never the path or the query: they may hold tokens. */
export function noAnswer({ origin }: URL, error: unknown): CapabilityError {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (cause instanceof CapabilityError) return cause;
  return new CapabilityError("TypeError", `fetch: no answer of ${origin}: ${code ?? "the request failed"}`, {
    cause: error,
  });
}
