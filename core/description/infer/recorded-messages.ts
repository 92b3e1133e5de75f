import { countOf } from "../../../policies/count-of.ts";
import type { MessageLine, SessionRecording, UpgradeLine } from "../../recording/format.ts";
import { DescriptionError } from "../errors.ts";

/** The messages of the sessions of one route. */
export interface RecordedMessages {
  /** The route's, or the only one that its sessions had. */
  readonly path: string;
  readonly sessions: number;
  readonly messages: readonly MessageLine[];
}

/**
 * @param wanted the name of a route, or a path; undefined where the recording is of one only
 * @throws DescriptionError when it is not clear which sessions are meant
 */
export function chooseMessages(
  { events }: SessionRecording,
  wanted: string | undefined,
  file: string,
): RecordedMessages {
  const upgrades = events.filter((event) => event.type === "upgrade");
  const groups = Map.groupBy(upgrades, groupOf);
  const names = [...groups.keys()];
  const chosen = wanted ?? (names.length === 1 ? names[0] : undefined);
  const sessions = chosen === undefined ? undefined : groups.get(chosen);
  if (sessions === undefined) {
    const list = [...groups]
      .map(([name, each]) => `\n  ${name} (${countOf(each.length, "session")})`)
      .join("");
    const problem =
      wanted === undefined
        ? `${file} has sessions of ${countOf(names.length, "route")}. Name one with --route:`
        : `${file} has no session of a route "${wanted}". It has:`;
    throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", `${problem}${list || " none"}`);
  }
  const ids = new Set(sessions.map(({ session }) => session));
  // What an operator says is no word of that connection's protocol.
  const messages = events.filter((event) => event.type === "message").filter(({ by }) => by === undefined);
  return {
    path: pathOfSessions(chosen ?? "", sessions),
    sessions: sessions.length,
    messages: messages.filter(({ session }) => ids.has(session)),
  };
}

/** A HAR file knows of no routes. */
function groupOf(upgrade: UpgradeLine): string {
  return upgrade.route === "" ? pathIn(upgrade) : upgrade.route;
}

function pathOfSessions(route: string, sessions: readonly UpgradeLine[]): string {
  if (route.startsWith("/") && !route.includes("*")) return route;
  const [first = "/", ...others] = new Set(sessions.map(pathIn));
  return others.length === 0 ? first : "/";
}

function pathIn({ url }: UpgradeLine): string {
  return url.replace(/[?#].*$/, "");
}
