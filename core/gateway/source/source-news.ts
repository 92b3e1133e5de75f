import { nameSigner, type PackRules } from "../../../policies/pack/trust.ts";
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
  /** Names of those who sign, and their public keys. */
  keys(): PackRules["keys"];
  /** Whether one runs. */
  hasVersion(): boolean;
}

/** What a source does, for people and for who watches. */
export function tellSourceNews(options: SourceNewsOptions): (news: SourceNews) => void {
  const { logger, alerts, metrics, keys, hasVersion } = options;
  return (news) => {
    metrics.countSource(news.type === "taken" ? "taken" : news.kind);
    if (news.type === "taken")
      logger.info(
        { ...fieldsOf(news.version, keys()), before: news.before },
        "a version of the source is taken",
      );
    else logProblem(logger, news, hasVersion() ? "what runs stays" : "and none runs");
    alerts.raise(alertOfSource(news));
  };
}

/** What a start goes by, be it from disk or from the source. */
export function logVersion(
  logger: Logger,
  { active }: Pick<SourceReport, "active">,
  keys: PackRules["keys"],
): void {
  if (active !== undefined)
    logger.info(fieldsOf(active, keys), "this version of the source is what runs first");
}

/** @param rest what becomes of the gateway when there is no version of it */
function logProblem(
  logger: Logger,
  { type, kind, message, ...fields }: Extract<SourceNews, { readonly type: "problem" }>,
  rest: string,
): void {
  if (kind === "refused") logger.error(fields, `a version of the source is refused, ${rest}: ${message}`);
  else logger.warn(`the source gives nothing, ${rest}: ${message}`);
}

function fieldsOf(
  { digest, revision, madeOf, origin, signature }: VersionNote,
  keys: PackRules["keys"],
): Readonly<Record<string, unknown>> {
  return {
    ...{ digest, revision, origin },
    ...(madeOf !== undefined && { madeOf }),
    ...(signature && { signedBy: nameSigner(signature, { keys }) }),
  };
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
