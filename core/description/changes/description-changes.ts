import type {
  DescribedMessage,
  MessageDescription,
  SideDescription,
} from "../../../policies/messages/description.ts";
import { SIDES } from "../read-description.ts";
import { breaking, type Change, compatible } from "./change.ts";
import { createSchemaComparison } from "./schema-changes.ts";

/** What a run of `framegate asyncapi` leaves for the next one. */
export interface StoredDescription extends MessageDescription {
  readonly path: string;
}

/** What may be said otherwise than before: what breaks somebody first. */
export function describeChanges(before: StoredDescription, after: StoredDescription): readonly Change[] {
  const { compare, compareRest } = createSchemaComparison({
    before: before.definitions ?? {},
    after: after.definitions ?? {},
  });
  const changes = [
    ...(before.path === after.path ? [] : [breaking("path", `is ${after.path} now, was ${before.path}`)]),
    ...(["params", "query", "headers"] as const).flatMap((part) =>
      compare(before.handshake?.[part] ?? true, after.handshake?.[part] ?? true, `${PARTS[part]} `),
    ),
    ...SIDES.flatMap((side) => sideChanges(side, before[side], after[side])),
    ...compareRest(),
  ];
  return [
    ...changes.filter(({ isBreaking }) => isBreaking),
    ...changes.filter(({ isBreaking }) => !isBreaking),
  ];

  function sideChanges(side: string, old: SideDescription, now: SideDescription): Change[] {
    const names = [...new Set([...Object.keys(old.messages), ...Object.keys(now.messages)])];
    return [
      ...opennessChanges(side, old, now),
      ...names.flatMap((name) => {
        const was = messageOf(old, name);
        const is = messageOf(now, name);
        if (was === undefined) return [compatible(side, `the message ${name} is new`)];
        if (is === undefined) return [breaking(side, `the message ${name} is gone`)];
        return compare(was.schema, is.schema, `${side} ${name} `);
      }),
    ];
  }
}

/** A message may be called like what every object has: `constructor`. */
function messageOf({ messages }: SideDescription, name: string): DescribedMessage | undefined {
  return Object.hasOwn(messages, name) ? messages[name] : undefined;
}

const PARTS = { params: "path", query: "query", headers: "header" } as const;

/** Whether messages pass that nobody checks. */
function opennessChanges(side: string, old: SideDescription, now: SideDescription): Change[] {
  return (["passesOthers", "passesAll"] as const).flatMap((key) => {
    const what = key === "passesAll" ? "every message" : "what is no JSON";
    if ((old[key] === true) === (now[key] === true)) return [];
    return now[key] === true
      ? [compatible(side, `${what} passes now`)]
      : [breaking(side, `${what} does not pass any more`)];
  });
}
