import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { OCI_TEXT, type OciReference, parseOciReference } from "../../core/net/oci-reference.ts";
import type { HttpIdentity } from "../../core/source/drivers/http-client.ts";
import { openRegistry, type Registry } from "../../core/source/oci/registry.ts";
import { CliError } from "../errors.ts";

export interface RegistryFlags {
  readonly plainHttp?: boolean;
}

export interface RegistryAccess {
  readonly registry: Registry;
  readonly reference: OciReference;
  /** The whole of it may take so long. */
  readonly signal: AbortSignal;
}

const LONGEST_MS = 10 * 60_000;

/** Throws a CliError (`ERR_CLI_USAGE`) for what is no artifact. */
export async function openArtifact(
  text: string,
  { plainHttp = false }: RegistryFlags,
): Promise<RegistryAccess> {
  const reference = parseOciReference(text);
  if (reference === undefined) throw new CliError("ERR_CLI_USAGE", `Expected ${OCI_TEXT}, got "${text}".`);
  const identity: HttpIdentity = { plainHttp, ...(await findCredentials(reference.host)) };
  const signal = AbortSignal.timeout(LONGEST_MS);
  return { reference, registry: openRegistry(reference, () => identity), signal };
}

/** The environment's for the one registry that they are for, or those that `docker login` has written down for it. */
async function findCredentials(host: string): Promise<Pick<HttpIdentity, "user" | "token">> {
  const {
    FRAMEGATE_REGISTRY: own,
    FRAMEGATE_REGISTRY_USER: user,
    FRAMEGATE_REGISTRY_TOKEN: token,
  } = process.env;
  if (token && !own) {
    const message = `FRAMEGATE_REGISTRY_TOKEN is set, and nothing says for which registry: set FRAMEGATE_REGISTRY to its host, such as ${host}.`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
  if (token && own === host) return { ...(user && { user }), token };
  const dir = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const text = await readFile(join(dir, "config.json"), "utf8").catch(() => "{}");
  return readDockerAuth(text, host);
}

function readDockerAuth(text: string, host: string): Pick<HttpIdentity, "user" | "token"> {
  try {
    const auth: unknown = Object(Object(Object(JSON.parse(text)).auths)[host]).auth;
    const [, user, token] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(String(auth ?? ""), "base64").toString("utf8")) ?? [];
    return user && token ? { user, token } : {};
  } catch {
    return {};
  }
}
