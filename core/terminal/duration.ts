const UNITS = [
  { name: "ms", ms: 1, until: 1000 },
  { name: "s", ms: 1000, until: 60_000 },
  { name: "min", ms: 60_000, until: 3_600_000 },
  { name: "h", ms: 3_600_000, until: 86_400_000 },
  { name: "d", ms: 86_400_000, until: Number.POSITIVE_INFINITY },
] as const;

/** As a person says it: `0.4 ms`, `40 ms`, `3.2 s`, `12 min`; two digits tell enough, and nobody reads more than three. */
export function showDuration(ms: number): string {
  const unit = UNITS.find(({ until, ms: size }) => rounded(ms / size) * size < until) ?? UNITS[4];
  return `${rounded(ms / unit.ms)} ${unit.name}`;
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
