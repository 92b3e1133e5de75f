import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { z } from "zod";
import { section, text } from "./schema-parts.ts";

/** How a listener comes by a certificate of its own accord (ACME, RFC 8555). */
export interface AcmeConfig {
  readonly directory: string;
  readonly email?: string;
  /** In lower case. */
  readonly domains: readonly string[];
  readonly folder: string;
  /** Where the certificate and its key are, once there is one. */
  readonly file: string;
  readonly ca?: string;
}

const DOMAIN = 'a host name such as "example.org"';
const DIRECTORY = 'an address such as "https://acme-v02.api.letsencrypt.org/directory"';

export const acmeSchema = section(
  "AcmeInput",
  {
    directory: text(DIRECTORY)
      .refine((address) => URL.parse(address)?.protocol === "https:", { error: DIRECTORY })
      .prefault("https://acme-v02.api.letsencrypt.org/directory")
      .describe("Address of the authority's directory; Let's Encrypt unless set."),
    email: text('an address such as "ops@example.org"')
      .optional()
      .describe("Whom the authority writes to when something is wrong. Default: nobody."),
    domains: z
      .array(z.string({ error: DOMAIN }).regex(/^[a-z\d-]+(\.[a-z\d-]+)*$/i, { error: DOMAIN }), {
        error: "a list of host names",
      })
      .min(1, { error: "at least one host name" })
      .max(100, { error: "at most 100 host names" })
      .describe("Names that the certificate is for, all in one; the first gives the file its name."),
    folder: text("the path of a folder")
      .prefault("./acme")
      .describe(
        "Folder of the account's key and of certificates with their keys, relative to the config file; the gateway writes there.",
      ),
    ca: text("the path of a PEM file")
      .optional()
      .describe(
        "PEM file of who has signed the certificate of `directory`, for authorities of your own, relative to the config file. Default: whom all believe.",
      ),
  },
  'an object such as { domains: ["example.org"] }',
);

export function resolveAcme(parsed: z.output<typeof acmeSchema>, dir: string): AcmeConfig {
  const { directory, email, ca } = parsed;
  const domains = parsed.domains.map((domain) => domain.toLowerCase());
  const folder = resolve(dir, parsed.folder);
  const sameOrder = JSON.stringify([directory, domains]);
  const digest = createHash("sha256").update(sameOrder).digest("hex").slice(0, 8);
  return {
    ...{ directory, domains, folder },
    file: join(folder, `${domains[0]}-${digest}.pem`),
    ...(email !== undefined && { email }),
    ...(ca !== undefined && { ca: resolve(dir, ca) }),
  };
}
