import type { Alert } from "../../alerts/alert.ts";
import type { Alerts } from "../../alerts/alerts.ts";
import type { Logger } from "../../log.ts";
import type { GatewayMetrics } from "../../metrics/gateway-metrics.ts";
import type { SourceNews, SourceReport } from "../../source/source.ts";
import type { VersionNote } from "../../source/version.ts";

export interface SourceNewsOptions {
  readonly logger: Logger;
  readonly alerts: Pick<Alerts, "raise">;
  readonly metrics: Pick<GatewayMetrics, "countSource">;
  /** Whether one runs. */
  hasVersion(): boolean;
}

/** What a source does, for people and for who watches. */
export function tellSourceNews(options: SourceNewsOptions): (news: SourceNews) => void {
  const { logger, alerts, metrics, hasVersion } = options;
  return (news) => {
    metrics.countSource(news.type === "taken" ? "taken" : news.kind);
    logSource(logger, news, hasVersion() ? "what runs stays" : "and none runs");
    alerts.raise(alertOfSource(news));
  };
}

/** What a start goes by, be it from disk or from the source. */
export function logVersion(logger: Logger, { active }: Pick<SourceReport, "active">): void {
  if (active !== undefined) logger.info(fieldsOf(active), "this version of the source is what runs first");
}

/** @param rest what becomes of the gateway when there is no version of it */
function logSource(logger: Logger, news: SourceNews, rest: string): void {
  if (news.type === "problem") {
    if (news.kind === "refused") logger.error(`a version of the source is refused, ${rest}: ${news.message}`);
    else logger.warn(`the source gives nothing, ${rest}: ${news.message}`);
    return;
  }
  logger.info({ ...fieldsOf(news.version), before: news.before }, "a version of the source is taken");
}

function fieldsOf({ digest, revision, origin, signature }: VersionNote): Readonly<Record<string, unknown>> {
  return { digest, revision, origin, ...(signature && { signedBy: signature.keyId }) };
}

function alertOfSource(news: SourceNews): Alert {
  if (news.type === "taken") {
    const { digest, revision, origin } = news.version;
    const summary = `version ${revision} of the source runs`;
    return { event: "source.taken", summary, subject: { digest }, details: { revision, origin } };
  }
  const { kind, message } = news;
  const what = kind === "refused" ? "a version of the source is refused" : "the source gives nothing";
  return { event: `source.${kind}`, summary: `${what}: ${message}`, subject: {}, details: { message } };
}
