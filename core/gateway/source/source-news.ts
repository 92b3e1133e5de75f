import type { Alert } from "../../alerts/alert.ts";
import type { Alerts } from "../../alerts/alerts.ts";
import type { Logger } from "../../log.ts";
import type { GatewayMetrics } from "../../metrics/gateway-metrics.ts";
import type { SourceNews } from "../../source/source.ts";

export interface SourceNewsOptions {
  readonly logger: Logger;
  readonly alerts: Pick<Alerts, "raise">;
  readonly metrics: Pick<GatewayMetrics, "countSource">;
}

/** What a source does, for people and for who watches. */
export function tellSourceNews({ logger, alerts, metrics }: SourceNewsOptions): (news: SourceNews) => void {
  return (news) => {
    metrics.countSource(news.type === "taken" ? "taken" : news.kind);
    logSource(logger, news);
    alerts.raise(alertOfSource(news));
  };
}

function logSource(logger: Logger, news: SourceNews): void {
  if (news.type === "problem") {
    const stays = "what runs stays";
    if (news.kind === "refused")
      logger.error(`a version of the source is refused, ${stays}: ${news.message}`);
    else logger.warn(`the source gives nothing, ${stays}: ${news.message}`);
    return;
  }
  const { digest, revision, origin, signature } = news.version;
  logger.info(
    { digest, revision, origin, ...(signature && { signedBy: signature.keyId }), before: news.before },
    "a version of the source is taken",
  );
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
