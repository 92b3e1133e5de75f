import { join } from "node:path";
import type { Change } from "../../core/description/changes/change.ts";
import { type ReadDescription, SIDES } from "../../core/description/read-description.ts";
import { countOf } from "../../policies/count-of.ts";
import { showPath } from "../../policies/shown-path.ts";
import type { Side } from "../../sandbox/contract/hooks.ts";
import type { PlannedFile } from "./policy-files.ts";

export function wordDescription(
  name: string,
  description: ReadDescription,
  problems: readonly string[],
): readonly string[] {
  const { title, path, unchecked } = description;
  return [
    `${title}: { path: ${JSON.stringify(path)}, policies: [${JSON.stringify(name)}] }`,
    ...SIDES.map((side) => wordSide(side, description)),
    ...unchecked.map((hole) => `not checked: ${hole}`),
    ...problems.map((problem) => `not tested: ${problem}`),
  ];
}

function wordSide(side: Side, { messages }: ReadDescription): string {
  const { discriminator, messages: kinds, passesAll, passesOthers } = messages[side];
  const names = Object.keys(kinds);
  if (passesAll === true) return `${side}: all messages pass`;
  const others = passesOthers === true ? ", and what is no JSON" : "";
  if (names.length === 0) return `${side}: no message may pass${others === "" ? "" : " but what is no JSON"}`;
  const apart =
    names.length === 1
      ? ""
      : discriminator === undefined
        ? " (each is tried)"
        : ` (told apart by \`${discriminator}\`)`;
  return `${side}: ${names.join(", ")}${apart}${others}`;
}

export function wordChanges(changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return ["nothing has changed since the last run"];
  const breaking = changes.filter(({ isBreaking }) => isBreaking).length;
  return [
    `${countOf(changes.length, "change")} since the last run, ${breaking} of them breaking:`,
    ...changes.map(
      ({ place, text, isBreaking }) => `  ${isBreaking ? "breaking: " : ""}${place.trim()}: ${text}`,
    ),
  ];
}

const FATES = {
  new: ["wrote", "would write"],
  changed: ["wrote", "would write"],
  same: ["unchanged:", "unchanged:"],
  kept: ["kept, for it was edited by hand (--write replaces it):", "edited by hand, would be kept:"],
} as const satisfies Record<PlannedFile["fate"], readonly [string, string]>;

export function wordFiles(dir: string, plan: readonly PlannedFile[], isDry: boolean): readonly string[] {
  const lines = new Map<string, string[]>();
  for (const { name, fate } of plan) {
    const word = FATES[fate][isDry ? 1 : 0];
    lines.set(word, [...(lines.get(word) ?? []), showPath(join(dir, name))]);
  }
  return [...lines].map(([word, names]) => `${word} ${names.join(", ")}`);
}
