export interface JsonLimits {
  readonly depth: number;
  readonly keys: number;
  readonly items: number;
  readonly keyLength: number;
  readonly stringLength: number;
  readonly duplicateKeys: boolean;
}

interface Level {
  /** Of an object, the names so far. */
  readonly names: Set<string> | undefined;
  count: number;
}

const [SPACE, QUOTE, COMMA, COLON] = [0x20, 0x22, 0x2c, 0x3a] as const;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/**
 * Look for what is beyond the limits without building anything of it. What is no JSON at all is not found here: a parser
 * may have it afterwards.
 */
export function findExcess(text: string, limits: JsonLimits): string | undefined {
  const levels: Level[] = [];
  let level: Level | undefined;
  let isStart = true;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character <= SPACE || character === COLON) continue;
    if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) {
      levels.pop();
      level = levels.at(-1);
      isStart = false;
      continue;
    }
    if (character === COMMA) {
      isStart = true;
      continue;
    }
    const isElement = isStart && level !== undefined;
    isStart = false;
    if (isElement) {
      level!.count++;
      if (level!.count > (level!.names ? limits.keys : limits.items)) {
        return level!.names
          ? `more than ${limits.keys} keys in an object`
          : `more than ${limits.items} items in an array`;
      }
    }
    if (character === QUOTE) {
      const end = endOfString(text, at);
      const excess = checkString(text.slice(at, end + 1), isElement ? level!.names : undefined, limits);
      if (excess !== undefined) return excess;
      at = end;
    } else if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
      level = { names: character === OPEN_OBJECT ? new Set() : undefined, count: 0 };
      levels.push(level);
      if (levels.length > limits.depth) return `nested more than ${limits.depth} levels deep`;
      isStart = true;
    }
  }
  return undefined;
}

/** @returns the index of the closing quote */
export function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** @param names those of the object whose key this is; undefined when it is no key */
function checkString(quoted: string, names: Set<string> | undefined, limits: JsonLimits): string | undefined {
  // As it is written: an escape counts as what it takes.
  const length = quoted.length - 2;
  if (names === undefined) {
    return length > limits.stringLength
      ? `a string of more than ${limits.stringLength} characters`
      : undefined;
  }
  if (length > limits.keyLength) return `a key of more than ${limits.keyLength} characters`;
  if (limits.duplicateKeys) return undefined;
  const name = unquote(quoted);
  if (names.has(name)) return "a key that comes twice in an object";
  names.add(name);
  return undefined;
}

function unquote(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
