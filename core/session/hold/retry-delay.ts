const FIRST_MS = 100;
const MOST_MS = 5_000;

/** How long to wait before a server is asked again that could not be had so many times: twice as long each time, up to a bound. @param random from 0 to 1: not all come back together */
export function retryDelayMs(failures: number, random: number): number {
  const whole = Math.min(FIRST_MS * 2 ** (failures - 1), MOST_MS);
  return whole * (0.5 + random / 2);
}
