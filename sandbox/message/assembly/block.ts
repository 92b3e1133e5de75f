// Of the 64 bytes from a place on a bit each, the first byte's the lowest.

/** Those that are `byte`. */
export function equal(at: i32, byte: u8): u64 {
  const all = i8x16.splat(byte);
  return (
    bitsOf(i8x16.eq(v128.load(at), all), i8x16.eq(v128.load(at, 16), all)) |
    (bitsOf(i8x16.eq(v128.load(at, 32), all), i8x16.eq(v128.load(at, 48), all)) << 32)
  );
}

/** Those that are `byte`, or would be with the bit that square brackets lack and braces have. */
export function equalBracket(at: i32, byte: u8): u64 {
  const all = i8x16.splat(byte);
  const bit = i8x16.splat(0x20);
  return (
    bitsOf(i8x16.eq(v128.or(v128.load(at), bit), all), i8x16.eq(v128.or(v128.load(at, 16), bit), all)) |
    (bitsOf(i8x16.eq(v128.or(v128.load(at, 32), bit), all), i8x16.eq(v128.or(v128.load(at, 48), bit), all)) <<
      32)
  );
}

/** Those that are at most `byte`. */
export function atMost(at: i32, byte: u8): u64 {
  const all = i8x16.splat(byte);
  return (
    bitsOf(i8x16.le_u(v128.load(at), all), i8x16.le_u(v128.load(at, 16), all)) |
    (bitsOf(i8x16.le_u(v128.load(at, 32), all), i8x16.le_u(v128.load(at, 48), all)) << 32)
  );
}

function bitsOf(a: v128, b: v128): u64 {
  return (i8x16.bitmask(a) as u64) | ((i8x16.bitmask(b) as u64) << 16);
}

/** Whether one of them is `byte`: less work than `equal`. */
export function anyEqual(at: i32, byte: u8): bool {
  const all = i8x16.splat(byte);
  return v128.any_true(
    v128.or(
      v128.or(i8x16.eq(v128.load(at), all), i8x16.eq(v128.load(at, 16), all)),
      v128.or(i8x16.eq(v128.load(at, 32), all), i8x16.eq(v128.load(at, 48), all)),
    ),
  );
}

/** From each bit on up to the next one: what lies between quotes has a bit, the first quote too. */
export function between(bits: u64): u64 {
  let x = bits;
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  return x ^ (x << 32);
}
