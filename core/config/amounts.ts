export const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;
const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const RATE = /^(\d+(?:\.\d+)?)\/(s|m|h)$/;

export const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB)$/;
const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `"15s"` → 15000; undefined for what is not a duration. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

/** `"50/s"` → 50, `"30/m"` → 0.5, a second each; undefined for what is no rate. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = RATE.exec(text) ?? [];
  return amount === undefined || unit === undefined
    ? undefined
    : (Number(amount) * 1000) / MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

/** `"64KiB"` → 65536; undefined for what is not a size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * BYTES[unit as keyof typeof BYTES]);
}
