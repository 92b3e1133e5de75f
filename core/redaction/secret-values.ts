import type { SandboxEvent } from "../../sandbox/contract.ts";
import { REDACTED } from "./spans.ts";

/** Values by name, as the environment and the files have them now. Only here, and where a broker needs them. */
export type SecretValues = Readonly<Record<string, string>>;

/** Shorter ones would blot out half of every line. */
const MIN_HIDDEN = 6;

/** So many values there have been before are hidden; of more the newest. */
const MOST_EARLIER = 256;

/**
 * All values there have been since the start: one that another has replaced stands in what was recorded before, and may
 * well be valid still.
 */
export class HiddenValues {
  readonly #values = new Set<string>();

  /** @returns what `redact.patterns` has to hold so that neither these values nor earlier ones are logged or shown */
  patternsWith(values: SecretValues): { pattern: string; flags: string }[] {
    const now = Object.values(values).filter((value) => value.length >= MIN_HIDDEN);
    for (const value of now) {
      this.#values.delete(value);
      this.#values.add(value);
    }
    for (const oldest of this.#values) {
      if (this.#values.size <= now.length + MOST_EARLIER) break;
      this.#values.delete(oldest);
    }
    return [...this.#values]
      .sort((a, b) => b.length - a.length)
      .map((value) => ({ pattern: value.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), flags: "" }));
  }
}

/** What a policy says, without the values that it may have read. */
export function hideValues(event: SandboxEvent, values: SecretValues): SandboxEvent {
  const hide = (text: string) => hideIn(text, values);
  if (event.type === "log") return { ...event, line: { ...event.line, text: hide(event.line.text) } };
  if (event.type !== "fault") return event;
  const { fault } = event;
  return { ...event, fault: { ...fault, message: hide(fault.message), stack: hide(fault.stack) } };
}

/** The same of plain data: of its texts, and of the names of its members. */
export function hideValuesIn(data: unknown, values: SecretValues): unknown {
  if (typeof data === "string") return hideIn(data, values);
  if (typeof data !== "object" || data === null) return data;
  if (Array.isArray(data)) return data.map((item) => hideValuesIn(item, values));
  const members = Object.entries(data);
  return Object.fromEntries(
    members.map(([name, value]) => [hideIn(name, values), hideValuesIn(value, values)]),
  );
}

function hideIn(text: string, values: SecretValues): string {
  let hidden = text;
  for (const value of Object.values(values)) {
    if (value.length >= MIN_HIDDEN) hidden = hidden.replaceAll(value, REDACTED);
  }
  return hidden;
}
