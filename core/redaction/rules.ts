import { createConsistentMarks } from "./consistent-marks.ts";
import { type JsonPath, lastKey, parseJsonPath } from "./json-path.ts";
import { findJsonSecrets, type JsonRules } from "./json-secrets.ts";
import { compileLinearPattern, type LinearPattern } from "./pattern.ts";
import { foldName, isUsualSecret, SECRET_HEADERS, SECRET_PARAMETERS } from "./secret-names.ts";
import { mergeSpans, QUOTED_REDACTED, REDACTED, replaceSpans, type SecretMark, type Span } from "./spans.ts";
import { findTextSecrets, type TextRules } from "./text-secrets.ts";

/** What must not be shown, as the config has it: plain JSON. Names in any case. */
export interface RedactionConfig {
  /** Whether the usual secrets are hidden too. */
  readonly defaults: boolean;
  readonly headers: readonly string[];
  readonly query: readonly string[];
  readonly json: readonly string[];
  readonly patterns: readonly { readonly pattern: string; readonly flags: string }[];
}

export type HeaderList = readonly (readonly [string, string])[];

export const USUAL_REDACTION: RedactionConfig = {
  defaults: true,
  headers: [],
  query: [],
  json: [],
  patterns: [],
};

/** The rules, ready to be asked. All of it is a function of its arguments. */
export interface RedactionRules {
  /** Whether what stands under this name is hidden whole. */
  isSecretHeader(name: string): boolean;
  isSecretKey(name: string): boolean;
  /** Whether there is any rule for payloads. */
  readonly hasPayloadRules: boolean;
  /** The secrets in a text: JSON, a form, lines, or anything; merged, in order. */
  findSecrets(text: string): Span[];
  redactText(text: string): string;
  /** A whole URL, or a path with its query. */
  redactUrl(url: string): string;
  /**
   * @param subprotocol what was agreed on; browsers have no place for a token but the list that offers it, so all others
   *   are hidden
   */
  redactHeaders(headers: HeaderList, subprotocol?: string): [string, string][];
  redactHeader(name: string, value: string, subprotocol?: string): string;
  /** Values that JSON can hold, by name. */
  redactAttributes(attributes: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** The same for one file, with equal placeholders for equal secrets. */
  consistent(): RedactionRules;
}

/** JSON in strings of JSON is looked into so many times over; what is deeper is hidden. */
const MAX_NESTING = 3;

/**
 * @param config checked: paths and patterns are right
 * @param mark absent: all secrets look alike
 */
export function compileRedaction(config: RedactionConfig, mark?: SecretMark): RedactionRules {
  const headers = new Set([
    ...(config.defaults ? SECRET_HEADERS : []),
    ...config.headers.map((name) => name.toLowerCase()),
  ]);
  const parameters = new Set([...(config.defaults ? SECRET_PARAMETERS : []), ...config.query.map(foldName)]);
  const paths = config.json.map((text) => parseJsonPath(text)).filter((path) => path !== undefined);
  const rules: Compiled = {
    defaults: config.defaults,
    headers,
    isSecretKey: config.defaults ? isUsualSecret : () => false,
    isSecretParameter: (name) => parameters.has(foldName(name)) || rules.isSecretKey(name),
    paths,
    endings: new Set(paths.map(lastKey).filter((key) => key !== undefined)),
    patterns: config.patterns.map(({ pattern, flags }) => compileLinearPattern(pattern, flags)),
    mark,
  };
  const markOf = mark ?? (() => REDACTED);
  const redactText = (text: string) => replaceSpans(text, findSecrets(text, rules, 0));
  const redactHeader = (name: string, value: string, subprotocol = "") => {
    if (headers.has(name.toLowerCase())) return markOf(value);
    if (config.defaults && isSubprotocols(name)) return redactSubprotocols(value, subprotocol, markOf);
    return redactText(value);
  };
  return {
    isSecretHeader: (name) => headers.has(name.toLowerCase()) || (config.defaults && isSubprotocols(name)),
    isSecretKey: rules.isSecretKey,
    hasPayloadRules: config.defaults || paths.length > 0 || parameters.size > 0 || rules.patterns.length > 0,
    findSecrets: (text) => findSecrets(text, rules, 0),
    redactText,
    redactUrl: (url) => redactText(redactQuery(url, rules.isSecretParameter, markOf)),
    redactHeader,
    redactHeaders: (list, subprotocol) =>
      list.map(([name, value]) => [name, redactHeader(name, value, subprotocol)]),
    redactAttributes: (attributes) => parseAttributes(redactText(JSON.stringify(attributes))),
    consistent: () => compileRedaction(config, createConsistentMarks()),
  };
}

interface Compiled {
  readonly defaults: boolean;
  readonly headers: ReadonlySet<string>;
  isSecretKey(name: string): boolean;
  isSecretParameter(name: string): boolean;
  readonly paths: readonly JsonPath[];
  /** The keys that paths end with. */
  readonly endings: ReadonlySet<string>;
  readonly patterns: readonly LinearPattern[];
  readonly mark: SecretMark | undefined;
}

function findSecrets(text: string, rules: Compiled, nesting: number): Span[] {
  if (text === "") return [];
  const { isSecretKey, isSecretParameter: isSecretName } = rules;
  const jsonRules: JsonRules = {
    isSecretKey,
    isPerhapsSecretKey: (key) => isSecretKey(key) || rules.endings.has(key),
    paths: nesting === 0 ? rules.paths : [],
    redactNested(content) {
      if (nesting === MAX_NESTING) return REDACTED;
      const spans = findSecrets(content, rules, nesting + 1);
      return spans.length === 0 ? undefined : replaceSpans(content, spans);
    },
  };
  const textRules: TextRules = {
    isSecretName,
    isSecretHeader: (name) => rules.headers.has(name.toLowerCase()),
    hasDefaults: rules.defaults,
    patterns: rules.patterns,
  };
  const hasKeys = rules.defaults || rules.paths.length > 0;
  const inJson = hasKeys && text.includes('"') ? findJsonSecrets(text, jsonRules) : [];
  const spans = mergeSpans([...inJson, ...findTextSecrets(text, textRules)]);
  const { mark } = rules;
  return mark === undefined ? spans : spans.map((span) => marked(span, text, mark));
}

/** What has a replacement of its own is text around secrets, which have their marks already. */
function marked(span: Span, text: string, mark: SecretMark): Span {
  const { start, end, replacement } = span;
  if (replacement !== REDACTED && replacement !== QUOTED_REDACTED) return span;
  const shown = mark(text.slice(start, end));
  return { start, end, replacement: replacement === REDACTED ? shown : `"${shown}"` };
}

/** Names may be written with escapes, as `acce%73s_token`. */
function redactQuery(url: string, isSecret: (name: string) => boolean, mark: SecretMark): string {
  return url.replace(
    /([?&#;])([^=&#;?]*)=([^&#;]*)/g,
    (whole, before: string, name: string, value: string) =>
      isSecret(decodeName(name)) ? `${before}${name}=${mark(decodeName(value))}` : whole,
  );
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isSubprotocols(header: string): boolean {
  return header.toLowerCase() === "sec-websocket-protocol";
}

/** Names of subprotocols look like this; a token rarely does, and is not agreed on. */
const SUBPROTOCOL_NAME = /^[A-Za-z][\w.+/-]{0,39}$/;

function redactSubprotocols(value: string, agreed: string, mark: SecretMark): string {
  const isShown = (name: string) => name === agreed && SUBPROTOCOL_NAME.test(name);
  return value
    .split(",")
    .map((name) => (isShown(name.trim()) ? name.trim() : mark(name.trim())))
    .join(", ");
}

function parseAttributes(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A pattern took quotes or braces along.
    return { [REDACTED]: REDACTED };
  }
}
