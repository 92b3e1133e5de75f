/** Of the members that a `json` filter names, and of the values that it has for each. */
export const MAX_FILTER_MEMBERS = 16;
export const MAX_FILTER_VALUES = 256;
/** Of a text that is searched for, in characters: the search for longer ones may take a time that grows with their length, too. */
export const MAX_FILTER_TEXT = 64;

/** Smallest distance of ticks, in milliseconds: the gateway looks at its clock so often. */
export const MIN_TICK_MS = 50;
/** A year. */
const MAX_TICK_MS = 31_622_400_000;

const HOOKS = ["client", "server", "tick"];
const FILTER_KEYS = ["opcode", "minLength", "maxLength", "includes", "startsWith", "json", "body"];

/**
 * What is wrong with the export `when`, for the author; undefined when nothing is. Inside the isolate, where the author is
 * told, and once more in the worker, which takes no host's word.
 *
 * @param when plain data
 * @param hooks that the policy exports
 */
export function checkWhen(when: unknown, hooks: readonly string[]): string | undefined {
  if (!isObject(when)) return expected("when", "an object such as { client: { minLength: 1024 } }", when);
  const names = Object.keys(when);
  if (names.length === 0) return expected("when", "an object with `client`, `server` or `tick`", when);
  for (const hook of names) {
    if (!HOOKS.includes(hook)) return `expected \`when\` to have ${list(HOOKS)}, got \`${hook}\``;
    if (!hooks.includes(hook))
      return `\`when.${hook}\` says ${hook === "tick" ? "how often" : "which messages"} the hook \`${hook}\` is ${hook === "tick" ? "called" : "for"}, and there is no such export`;
    const path = `when.${hook}`;
    const problem = hook === "tick" ? checkTick(path, when[hook]) : checkFilter(path, when[hook]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkTick(path: string, tick: unknown): string | undefined {
  const wanted = `an object { every }, in milliseconds from ${MIN_TICK_MS}`;
  if (!isObject(tick)) return expected(path, wanted, tick);
  const unknown = Object.keys(tick).find((key) => key !== "every");
  if (unknown !== undefined) return `expected \`${path}\` to have \`every\`, got \`${unknown}\``;
  const { every } = tick;
  if (typeof every === "number" && every >= MIN_TICK_MS && every <= MAX_TICK_MS) return undefined;
  const range = `milliseconds from ${MIN_TICK_MS}, the smallest distance of ticks, to ${MAX_TICK_MS}`;
  return expected(`${path}.every`, range, every ?? null);
}

function checkFilter(path: string, filter: unknown): string | undefined {
  if (!isObject(filter)) return expected(path, 'an object such as { opcode: "text" }', filter);
  const keys = Object.keys(filter);
  if (keys.length === 0)
    return `expected \`${path}\` to say something: ${list(FILTER_KEYS)}. Without it all messages reach the hook`;
  const unknown = keys.find((key) => !FILTER_KEYS.includes(key));
  if (unknown !== undefined) return `expected \`${path}\` to have ${list(FILTER_KEYS)}, got \`${unknown}\``;
  const { opcode, minLength, maxLength, includes, startsWith, json, body } = filter;
  if (opcode !== undefined && opcode !== "text" && opcode !== "binary")
    return expected(`${path}.opcode`, '"text" or "binary"', opcode);
  return (
    checkLength(`${path}.minLength`, minLength) ??
    checkLength(`${path}.maxLength`, maxLength) ??
    checkOrder(path, minLength, maxLength) ??
    checkText(`${path}.includes`, includes) ??
    checkText(`${path}.startsWith`, startsWith) ??
    checkJson(`${path}.json`, json) ??
    checkBody(`${path}.body`, body)
  );
}

function checkLength(path: string, length: unknown): string | undefined {
  if (length === undefined || (Number.isSafeInteger(length) && (length as number) >= 0)) return undefined;
  return expected(path, "a whole number of bytes", length);
}

function checkOrder(path: string, minLength: unknown, maxLength: unknown): string | undefined {
  if (minLength === undefined || maxLength === undefined || (minLength as number) <= (maxLength as number))
    return undefined;
  return expected(`${path}.minLength`, `at most \`maxLength\`, ${maxLength}`, minLength);
}

function checkText(path: string, text: unknown): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string" || text === "") return expected(path, "a text that is not empty", text);
  if (text.length > MAX_FILTER_TEXT)
    return `expected \`${path}\` to have at most ${MAX_FILTER_TEXT} characters, got ${text.length}`;
  return text.isWellFormed() ? undefined : expected(path, "text that UTF-8 has bytes for", text);
}

function checkJson(path: string, json: unknown): string | undefined {
  if (json === undefined) return undefined;
  if (!isObject(json)) return expected(path, 'an object such as { type: ["order", "cancel"] }', json);
  const names = Object.keys(json);
  if (names.length === 0 || names.length > MAX_FILTER_MEMBERS)
    return `expected \`${path}\` to name 1 to ${MAX_FILTER_MEMBERS} members, got ${names.length}`;
  for (const name of names) {
    const problem = checkValues(`${path}.${name}`, json[name]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkBody(path: string, body: unknown): string | undefined {
  if (body === undefined || body === false) return undefined;
  return expected(path, "false where the hook reads no bodies, and absent where it does", body);
}

function checkValues(path: string, values: unknown): string | undefined {
  if (!Array.isArray(values)) return expected(path, 'a list of values such as ["order", "cancel"]', values);
  if (values.length === 0 || values.length > MAX_FILTER_VALUES)
    return `expected \`${path}\` to have 1 to ${MAX_FILTER_VALUES} values, got ${values.length}`;
  const at = values.findIndex((value) => typeof value === "object" && value !== null);
  if (at === -1 && new Set(values).size < values.length)
    return `expected \`${path}\` to have each value once`;
  return at === -1 ? undefined : expected(`${path}[${at}]`, "a string, number, boolean or null", values[at]);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expected(path: string, what: string, got: unknown): string {
  const json = JSON.stringify(got);
  return `expected \`${path}\` to be ${what}, got ${json.length > 60 ? `${json.slice(0, 60)}…` : json}`;
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return `${quoted.slice(0, -1).join(", ")} ${quoted.length > 2 ? "and" : "or"} ${quoted.at(-1)}`;
}
