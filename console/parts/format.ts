const timeOfDay = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const whole = new Intl.NumberFormat("en-US");

/** 14:03:22.184 */
export function clockTime(ms: number): string {
  const fraction = Math.floor(((ms % 1000) + 1000) % 1000);
  return `${timeOfDay.format(ms)}.${String(fraction).padStart(3, "0")}`;
}

export function fullTime(ms: number): string {
  return dayAndTime.format(ms);
}

/** 3 s ago, 12 min ago, 2 h ago, 4 d ago */
export function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  if (seconds < 2) return "just now";
  return `${span(seconds * 1000)} ago`;
}

/** A length of time in its largest unit, e.g. 850 ms, 12.4 s, 3 min, 2 h. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Time in the gateway, with three digits at most: 180 µs, 1.24 ms, 48 ms, 1.2 s */
export function elapsed(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return span(ms);
}

/** Without the port 0 that stands for one that a proxy has not told. */
export function address(text: string): string {
  return text.replace(/:0$/, "");
}

/** What is less than a second ago is now. */
export function idleSpan(ms: number): string {
  return ms < 1000 ? "now" : span(ms);
}

export function bytes(count: number): string {
  if (count < 1024) return `${Math.round(count)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = -1;
  do {
    value /= 1024;
    unit++;
  } while (value >= 1024 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function number(count: number): string {
  return whole.format(count);
}

/** 12,431 or 1.2 M: never longer than a tile is wide. */
export function compact(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  if (count >= 1e4) return `${(count / 1e3).toFixed(1)} k`;
  return count < 10 && count % 1 !== 0 ? count.toFixed(1) : whole.format(Math.round(count));
}

export function plural(count: number, word: string): string {
  return `${number(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** Where there is little room: `12.4 k calls`. */
export function compactPlural(count: number, word: string): string {
  return `${compact(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** A part of a whole: `22 (3%)`. */
export function shareOf(part: number, whole: number): string {
  return part === 0 ? "0" : `${number(part)} (${percent(part / whole)})`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.1 ? 1 : 0))}%`;
}
