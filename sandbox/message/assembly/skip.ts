/**
 * Skips a list or an object of JSON, or a string, in the memory of this module, and accepts exactly what `JSON.parse` accepts
 * there. AssemblyScript, made into WebAssembly by `node scripts/write-json-skip.ts`: `sandbox/message/json-skip.ts` is how
 * it is called.
 *
 * It takes 64 bytes at a time. Of each kind of token they give a mask, with a bit for each byte, and every rule of the grammar
 * is "behind this one only those may come": a mask that is moved by one place, and on over space, against another. Only
 * brackets, scalars and escapes are looked at one by one. What goes on over the end of the 64 is carried: a bit for the next.
 *
 * A part of a text is there at a time, from 0 on, with `AHEAD` bytes of what comes behind it, and 0 behind all. What has not
 * ended there goes on in the next part.
 */
import { anyEqual, atMost, between, equal, equalBracket } from "./block.ts";
import { isEscape, isOfNumber, isScalar } from "./tokens.ts";

const REFUSED: i32 = -1;
/** It is too deep, or there is a number so long that its end is not there. */
const UNSURE: i32 = -2;
const MORE: i32 = -3;
const AHEAD: i32 = 128;
/** Of the levels that are open, a byte each: behind all that is read, up to the end of the memory. */
const LEVELS: i32 = 32 * 1024;
const MAX_DEPTH: i32 = 32 * 1024;
const ALL: u64 = ~(0 as u64);
const ODD_PLACES: u64 = (ALL / 3) * 2;

let isEscaped: bool = false;
let reachedAt: i32 = 0;

// What is carried. Of a kind of token that it was the last, with nothing but space behind it; of the others that they go on.
let depthThere: i32 = 0;
/** 1: an object is open, 0: a list. */
let kindThere: u64 = 0;
let wasBackslash: u64 = 0;
let wasInString: u64 = 0;
let wasInScalar: u64 = 0;
let wasInKey: u64 = 0;
let valueThere: u64 = 0;
let keyThere: u64 = 0;
let colonThere: u64 = 0;
let commaThere: u64 = 0;
let openThere: u64 = 0;

/** There are escapes in what was skipped since `begin`. */
export function hadEscapes(): bool {
  return isEscaped;
}

/** Where to go on when there is more. */
export function reached(): i32 {
  return reachedAt;
}

/**
 * With what comes next. Within lists and objects that is a value.
 *
 * @param depth of them, 32 at most
 * @param levels a bit for each list (0) and object (1), the innermost the lowest
 */
export function begin(depth: i32, levels: i32): void {
  isEscaped = false;
  depthThere = depth;
  kindThere = depth === 0 ? 0 : ((levels & 1) as u64);
  store<u8>(LEVELS, 0);
  for (let i = 1; i < depth; i++) store<u8>(LEVELS + i, ((levels >>> (depth - i)) & 1) as u8);
  colonThere = kindThere;
  commaThere = ((depth > 0) as u64) & ~kindThere;
  wasBackslash = 0;
  wasInString = 0;
  wasInScalar = 0;
  wasInKey = 0;
  valueThere = 0;
  keyThere = 0;
  openThere = 0;
}

/**
 * Of a list or an object, up to where all that are open end.
 *
 * @param from its bracket, or where to go on
 * @param to the end of this part
 * @returns the place behind it, `REFUSED`, `UNSURE` or `MORE`
 */
export function skipNested(from: i32, to: i32): i32 {
  let depth = depthThere;
  let kind = kindThere;
  let isBackslash = wasBackslash;
  let inString = wasInString;
  let inScalar = wasInScalar;
  let inKey = wasInKey;
  let wasValue = valueThere;
  let wasKey = keyThere;
  let wasColon = colonThere;
  let wasComma = commaThere;
  let wasOpen = openThere;

  let at = from;
  for (; at < to; at += 64) {
    let quotes = equal(at, 0x22);
    let escaped = isBackslash;
    let backslashes: u64 = 0;
    if (anyEqual(at, 0x5c)) {
      // A run of them that begins at an even place ends an escape at an odd one, and the other way round: what is added runs through.
      backslashes = equal(at, 0x5c);
      const first = backslashes & ~isBackslash;
      const ends = (((first << 1) | ODD_PLACES) - first) ^ ODD_PLACES;
      escaped = ends ^ (backslashes | isBackslash);
      isBackslash = (ends & backslashes) >> 63;
    } else isBackslash = 0;
    quotes &= ~escaped;

    const strings = between(quotes) ^ inString;
    inString = ((strings as i64) >> 63) as u64;
    const outside = ~(strings | quotes);
    let spaces: u64 = 0;
    let controls: u64 = 0;
    const low = atMost(at, 0x20);
    if (low !== 0) {
      spaces = equal(at, 0x20);
      const others = low & ~spaces;
      controls = others & strings;
      if (others !== 0) spaces |= equal(at, 0x0a) | equal(at, 0x0d) | equal(at, 0x09);
      spaces &= outside;
    }

    const opens = equalBracket(at, 0x7b) & outside;
    const closes = equalBracket(at, 0x7d) & outside;
    const colons = equal(at, 0x3a) & outside;
    const commas = equal(at, 0x2c) & outside;
    const scalars = outside & ~(spaces | opens | closes | colons | commas);

    let inObject: u64 = 0 - kind;
    let end = REFUSED;
    /** What belongs to the list or object. */
    let own = ALL;
    for (let brackets = opens | closes; brackets !== 0; brackets &= brackets - 1) {
      const place = ctz(brackets);
      const isBrace = ((load<u8>(at + (place as i32)) >> 5) & 1) as u64;
      if (((opens >> place) & 1) !== 0) {
        if (depth === MAX_DEPTH) return UNSURE;
        store<u8>(LEVELS + depth++, kind as u8);
        kind = isBrace;
      } else {
        if (isBrace !== kind) return REFUSED;
        kind = load<u8>(LEVELS + --depth) as u64;
        if (depth === 0) {
          end = place as i32;
          own = ((2 as u64) << place) - 1;
          break;
        }
      }
      const behind = (-2 as u64) << place;
      inObject = (inObject & ~behind) | (behind & (0 - kind));
    }

    const starts = quotes & strings;
    const afterScalars = (scalars << 1) | inScalar;
    inScalar = scalars >> 63;
    const scalarStarts = scalars & ~afterScalars;
    const values = starts | scalarStarts | opens;

    let afterCommas = (commas << 1) | wasComma;
    let afterOpens = (opens << 1) | wasOpen;
    let afterColons = (colons << 1) | wasColon;
    wasComma = commas >> 63;
    wasOpen = opens >> 63;
    wasColon = colons >> 63;
    if (spaces !== 0) {
      const commasOn = afterCommas + spaces;
      const opensOn = afterOpens + spaces;
      const colonsOn = afterColons + spaces;
      wasComma |= (commasOn < spaces) as u64;
      wasOpen |= (opensOn < spaces) as u64;
      wasColon |= (colonsOn < spaces) as u64;
      afterCommas = commasOn & ~spaces;
      afterOpens = opensOn & ~spaces;
      afterColons = colonsOn & ~spaces;
    }
    // A bit that is added where a key begins runs through it, to its last quote.
    const keys = starts & inObject & (afterCommas | afterOpens);
    const through = keys + strings;
    const runs = through + inKey;
    inKey = ((through < strings) as u64) | ((runs < through) as u64);
    const lastQuotes = quotes & ~strings;
    const keyEnds = runs & lastQuotes;
    const valueEnds = closes | (lastQuotes & ~keyEnds);
    let afterKeys = (keyEnds << 1) | wasKey;
    let afterValues = (valueEnds << 1) | wasValue | (afterScalars & ~scalars);
    wasKey = keyEnds >> 63;
    wasValue = valueEnds >> 63;
    if (spaces !== 0) {
      const keysOn = afterKeys + spaces;
      const valuesOn = afterValues + spaces;
      wasKey |= (keysOn < spaces) as u64;
      wasValue |= (valuesOn < spaces) as u64;
      afterKeys = keysOn & ~spaces;
      afterValues = valuesOn & ~spaces;
    }

    const items = starts | (values & ~inObject);
    const wrong =
      controls |
      (afterValues & ~(commas | closes)) |
      (afterKeys ^ colons) |
      (afterColons & ~values) |
      (afterCommas & ~items) |
      (afterOpens & ~(items | closes));
    if ((wrong & own) !== 0) return REFUSED;

    for (let rest = scalarStarts & own; rest !== 0; rest &= rest - 1) {
      const place = at + (ctz(rest) as i32);
      if (!isScalar(place)) return endOfNumber(place) < to + AHEAD ? REFUSED : UNSURE;
    }
    if ((backslashes & strings & own) !== 0) isEscaped = true;
    for (let rest = escaped & strings & own; rest !== 0; rest &= rest - 1)
      if (!isEscape(at + (ctz(rest) as i32))) return REFUSED;
    if (end !== REFUSED) return at + end + 1;
  }
  depthThere = depth;
  kindThere = kind;
  wasBackslash = isBackslash;
  wasInString = inString;
  wasInScalar = inScalar;
  wasInKey = inKey;
  valueThere = wasValue;
  keyThere = wasKey;
  colonThere = wasColon;
  commaThere = wasComma;
  openThere = wasOpen;
  reachedAt = at;
  return MORE;
}

/** Of what may be one. */
function endOfNumber(from: i32): i32 {
  let at = from;
  while (isOfNumber(load<u8>(at))) at++;
  return at;
}

/** Of a string, from behind its first quote, or where to go on. @returns the place behind it, `REFUSED` or `MORE` */
export function skipQuoted(from: i32, to: i32): i32 {
  let at = from;
  while (at < to) {
    const bytes = v128.load(at);
    const ends = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const places = i8x16.bitmask(ends);
    if (places === 0) {
      at += 16;
      continue;
    }
    at += ctz(places);
    const byte = load<u8>(at);
    if (byte === 0x22 /* " */) return at + 1;
    if (byte !== 0x5c /* \ */ || !isEscape(at + 1)) return REFUSED;
    isEscaped = true;
    at += 2;
  }
  reachedAt = at;
  return MORE;
}
