import { parseMessageName } from "../../core/explain/explain-session.ts";
import { messageExplanationSchema, sessionExplanationSchema } from "../../core/explain/explanation.ts";
import { MOST_EXPLAINED_RECORDS } from "../../core/explain/read-session.ts";
import { openAdminClient } from "../admin/admin-client.ts";
import type { AdminFlags } from "../admin/gateway-address.ts";
import { printJson } from "../admin/print.ts";
import { CliError } from "../errors.ts";
import { type ExplainFlags, explainConfigFile, isConfigName } from "./config.ts";
import { printLines } from "./layout.ts";
import { messageLines } from "./message-lines.ts";
import { sessionLines } from "./session-lines.ts";

/** A config, or a session of a running gateway: what the argument is says which. */
export async function explainSubject(
  subject: string | undefined,
  message: string | undefined,
  flags: ExplainFlags & AdminFlags,
): Promise<void> {
  if (subject === undefined || isConfigName(subject)) {
    refuse(flags, ["gateway", "token"], "a config is read here, and no gateway asked");
    return explainConfigFile(subject, flags);
  }
  refuse(
    flags,
    ["set", "port", "host", "consolePort", "workers", "short"],
    `"${subject}" is a session, not a config file`,
  );
  return explainRecorded(subject, message, flags);
}

function refuse(flags: ExplainFlags & AdminFlags, names: readonly (keyof typeof flags)[], why: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new CliError("ERR_CLI_USAGE", `--${option}: ${why}.`);
}

/** @param message as the list of them calls it: `client:3` */
async function explainRecorded(
  session: string,
  message: string | undefined,
  flags: AdminFlags,
): Promise<void> {
  if (message !== undefined && parseMessageName(message) === undefined)
    throw new CliError(
      "ERR_CLI_USAGE",
      `Expected a message such as client:3 or server:1, counted from 1, got "${message}".`,
    );
  const client = await openAdminClient(flags);
  const path = `/sessions/${encodeURIComponent(session)}/explain`;
  if (message !== undefined) {
    const explained = await client.get(`${path}/${message}`, messageExplanationSchema);
    return flags.json === true ? printJson(explained) : printLines(messageLines(explained));
  }
  const explained = await client.get(path, sessionExplanationSchema, { limit: MOST_EXPLAINED_RECORDS });
  return flags.json === true ? printJson(explained) : printLines(sessionLines(explained));
}
