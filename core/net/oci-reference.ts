/** Where an artifact is in a registry. */
export interface OciReference {
  /** With its port, if it has one. */
  readonly host: string;
  readonly repository: string;
  /** What it is asked for by: a tag, or `sha256:…`. */
  readonly version: string;
}

export const OCI_TEXT =
  'a registry, a repository and a tag or digest, such as "oci://registry.example.com/team/policies:stable"';

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** As the OCI distribution specification has names and tags. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** With or without `oci://` before it; without a tag and a digest it is `latest`. Undefined: it is none. */
export function parseOciReference(text: string): OciReference | undefined {
  const bare = text.replace(/^oci:\/\//, "");
  const slash = bare.indexOf("/");
  const [, repository = "", tag, digest] =
    /^([^:@]+)(?::([^@]*))?(?:@(.*))?$/.exec(bare.slice(slash + 1)) ?? [];
  const host = bare.slice(0, Math.max(slash, 0));
  if (!HOST.test(host) || repository.length > 255 || !REPOSITORY.test(repository)) return undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  return { host, repository, version: digest ?? tag ?? "latest" };
}

export function isDigest(version: string): boolean {
  return DIGEST.test(version);
}

export function showReference({ host, repository, version }: OciReference): string {
  return `oci://${host}/${repository}${isDigest(version) ? "@" : ":"}${version}`;
}
