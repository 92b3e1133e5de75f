import { escapeXml, renderSvg } from "../lib/svg.ts";

export interface Chart {
  readonly title: string;
  /** Of what goes to the right. */
  readonly unit: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly { readonly at: number; readonly value: number }[];
  }[];
  /** In percent. */
  readonly most: number;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [840, 320, 52, 24, 56, 40];
/** Of the font, about. */
const LETTER = 6;
const COLOURS = ["#9ca3af", "#d97706", "#2563eb", "#059669"];

/** Percent over seconds. */
export function renderLines({ title, unit, lines, most }: Chart): string {
  const last = Math.max(...lines.flatMap(({ points }) => points.map(({ at }) => at)));
  const x = (at: number): string => (LEFT + (at / last) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string =>
    (HEIGHT - BOTTOM - (Math.min(value, most) / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const marks = Array.from({ length: Math.floor(most / 25) + 1 }, (_, index) => index * 25).filter(
    (value) => most <= 100 || value % 50 === 0,
  );
  return renderSvg({
    ...{ title, width: WIDTH, height: HEIGHT },
    style: ".grid { stroke: #9ca3af; stroke-opacity: 0.4 } polyline { fill: none; stroke-width: 1.5 }",
    body: [
      `<text x="8" y="20" font-weight="bold">${escapeXml(title)}</text>`,
      ...lines.map(({ name }, index) => {
        const before = lines.slice(0, index).map((line) => line.name.length);
        const left = LEFT + before.reduce((sum, length) => sum + 44 + length * LETTER, 0);
        return `<rect x="${left}" y="32" width="14" height="4" fill="${COLOURS[index % COLOURS.length]}"/><text x="${left + 20}" y="39">${escapeXml(name)}</text>`;
      }),
      ...marks.map(
        (value) =>
          `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text x="${LEFT - 8}" y="${Number(y(value)) + 4}" text-anchor="end">${value}</text>`,
      ),
      ...Array.from({ length: 7 }, (_, index) => (index * last) / 6).map(
        (at) =>
          `<text x="${x(at)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${Math.round(at)}</text>`,
      ),
      `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">${escapeXml(unit)}</text>`,
      ...lines.map(
        ({ points }, index) =>
          `<polyline stroke="${COLOURS[index % COLOURS.length]}" points="${points.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ")}"/>`,
      ),
    ],
  });
}
