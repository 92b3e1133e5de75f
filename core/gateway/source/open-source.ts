import { join, relative } from "node:path";
import type { ViewedSource } from "../../admin/gateway-view.ts";
import {
  ACTIVE_LINK,
  type GatewayConfig,
  readVersionConfig,
  type SourceConfig,
  takeVersion,
  type VersionInput,
} from "../../config/index.ts";
import { wayToShow } from "../../net/shown-url.ts";
import type { SecretValues } from "../../redaction/secret-values.ts";
import type { SourceDriver } from "../../source/drivers/driver.ts";
import type { HttpIdentity } from "../../source/drivers/http-client.ts";
import { createSource, type Source, type SourceNews } from "../../source/source.ts";
import { createVersionStore } from "../../source/version-store.ts";
import { type CheckVersionOptions, checkVersion } from "./check-version.ts";

export interface OpenSourceOptions extends Omit<CheckVersionOptions, "config"> {
  readonly source: SourceConfig;
  /** As it is now. */
  config(): GatewayConfig;
  secrets(): SecretValues;
  /** The folder of the policies is that of another version. Rejects where that cannot run. */
  apply(): Promise<void>;
  /** Runs what changes what the gateway goes by when nothing else does. */
  inTurn(act: () => Promise<void>): Promise<void>;
  onNews(news: SourceNews): void;
  /** The config with what a version says in place of its own. */
  withVersion(version: VersionInput): Promise<GatewayConfig>;
}

export interface OpenedSource extends Source, Pick<ViewedSource, "hookSecret"> {
  /** A config with what the version on disk says in place of its own. Rejects with a ConfigError. */
  readConfig(own: GatewayConfig): Promise<GatewayConfig>;
}

/** What is there on disk and in the source, by the config. Nothing is looked at yet. */
export async function openSource({
  source,
  config,
  secrets,
  apply,
  inTurn,
  onNews,
  withVersion,
  ...checking
}: OpenSourceOptions): Promise<OpenedSource> {
  const { dir, keep, require, lock, everyMs, timeoutMs, path } = source;
  const store = createVersionStore({ dir, keep });
  const identify = () => identityOf(source, secrets());
  const readConfig = async (own: GatewayConfig, version: string): Promise<GatewayConfig> => {
    if (!source.config) return own;
    return takeVersion(own, await withVersion((await readVersionConfig(version)) ?? {}));
  };
  const opened: Source = createSource({
    ...{ store, everyMs, timeoutMs, path, onNews },
    driver: await createDriver(source, identify, wayToShow("source.http", config().secretTexts)),
    rules: { require, keys: config().packs.keys, ...(lock !== undefined && { lock }) },
    async check({ digest }) {
      const version = store.folderOf(digest);
      const policies = join(version, relative(join(dir, ACTIVE_LINK), config().policiesDir));
      const own = await readConfig(config(), version);
      return checkVersion({ version, policies }, { ...checking, config: own });
    },
    ...{ apply, inTurn },
    // On one machine what may run runs.
    onOffer: ({ digest }) => opened.activate(digest),
  });
  const hookSecret = () => (source.hook === undefined ? undefined : secrets()[source.hook]);
  return { ...opened, hookSecret, readConfig: (own) => readConfig(own, join(dir, ACTIVE_LINK)) };
}

async function createDriver(
  { from, path }: SourceConfig,
  identify: () => HttpIdentity,
  show: (url: URL | string) => string,
): Promise<SourceDriver> {
  switch (from.kind) {
    case "folder":
      return (await import("../../source/drivers/folder.ts")).createFolderDriver(from.folder);
    case "http":
      return (await import("../../source/drivers/http.ts")).createHttpDriver(from.url, identify, show);
    case "git":
      return (await import("../../source/drivers/git.ts")).createGitDriver({ ...from, path, identify });
    case "oci":
      return (await import("../../source/drivers/oci.ts")).createOciDriver(from.reference, identify);
  }
}

function identityOf({ user, token, plainHttp }: SourceConfig, secrets: SecretValues): HttpIdentity {
  return {
    plainHttp,
    ...(user !== undefined && { user }),
    ...(token !== undefined && { token: secrets[token] as string }),
  };
}
