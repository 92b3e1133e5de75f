/** What may stand behind a backslash, from there on (RFC 8259, section 7). */
export function isEscape(at: i32): bool {
  const byte = load<u8>(at);
  if (byte !== 0x75 /* u */) return isShortEscape(byte);
  for (let i = 1; i <= 4; i++) if (!isHexDigit(load<u8>(at + i))) return false;
  return true;
}

function isShortEscape(byte: u8): bool {
  switch (byte) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    default:
      return false;
  }
}

/** `true`, `false`, `null` or a number, and nothing more up to what may come behind one (RFC 8259, sections 3 and 6). */
export function isScalar(from: i32): bool {
  if (load<u8>(from) >= 0x61) return isWord(from);
  let at = load<u8>(from) === 0x2d /* - */ ? from + 1 : from;
  if (load<u8>(at) === 0x30 /* 0 */) at++;
  else {
    if (!isDigit(load<u8>(at))) return false;
    at = skipDigits(at);
  }
  if (load<u8>(at) === 0x2e /* . */) {
    if (!isDigit(load<u8>(++at))) return false;
    at = skipDigits(at);
  }
  if ((load<u8>(at) | 0x20) === 0x65 /* e */) {
    const sign = load<u8>(++at);
    if (sign === 0x2b /* + */ || sign === 0x2d /* - */) at++;
    if (!isDigit(load<u8>(at))) return false;
    at = skipDigits(at);
  }
  return isEnd(load<u8>(at));
}

/** Of what a number is written with. */
export function isOfNumber(byte: u8): bool {
  return isDigit(byte) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65;
}

function isWord(at: i32): bool {
  // As they lie in memory, the first letter last.
  const word = load<u32>(at);
  if (word === 0x65757274 /* true */ || word === 0x6c6c756e /* null */) return isEnd(load<u8>(at + 4));
  return word === 0x736c6166 /* fals */ && load<u8>(at + 4) === 0x65 /* e */ && isEnd(load<u8>(at + 5));
}

/** Of what may stand behind a value within a list or an object. */
function isEnd(byte: u8): bool {
  return byte === 0x2c /* , */ || byte === 0x7d /* } */ || byte === 0x5d /* ] */ || isSpace(byte);
}

function isSpace(byte: u8): bool {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipDigits(from: i32): i32 {
  let at = from + 1;
  while (isDigit(load<u8>(at))) at++;
  return at;
}

function isDigit(byte: u8): bool {
  return (byte as u32) - 0x30 < 10;
}

function isHexDigit(byte: u8): bool {
  return isDigit(byte) || ((byte | 0x20) as u32) - 0x61 < 6;
}
