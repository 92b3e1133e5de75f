import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { TlsConfig } from "../config/index.ts";
import type { TlsMaterial } from "./listener-plan.ts";

/** One context for each certificate: what TLS is spoken with, once it is known which name the client asks for. */
export interface ServerNames {
  /** The options of the first certificate's context. */
  readonly first: SecureContextOptions;
  /** Undefined where the first certificate is the answer. */
  find(name: string): SecureContext | undefined;
}

export function createServerNames(tls: TlsConfig, { certificates, ca }: TlsMaterial): ServerNames {
  const { minVersion, maxVersion, ciphers } = tls;
  const shared = {
    minVersion,
    maxVersion,
    ...(ciphers !== undefined && { ciphers }),
    ...(ca !== undefined && { ca }),
  };
  const contexts = new Map<string, SecureContext>();
  for (const { names, ...certificate } of certificates) {
    const context = createSecureContext({ ...shared, ...certificate });
    // Of two certificates for one name the first wins, as the order of the config says.
    for (const name of names) if (!contexts.has(name)) contexts.set(name, context);
  }
  const [head] = certificates;
  const first = head && { cert: head.cert, key: head.key, passphrase: head.passphrase };
  return {
    first: { ...shared, ...first },
    find(asked) {
      const name = asked.toLowerCase();
      return contexts.get(name) ?? contexts.get(name.replace(/^[^.]*/, "*"));
    },
  };
}
