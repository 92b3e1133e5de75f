import { escapeXml, renderSvg } from "../lib/svg.ts";
import type { Course } from "./course.ts";
import { type Line, linesOf } from "./table.ts";

const WIDTH = 840;
const LEFT = 60;
const RIGHT = 40;
const HEAD = 52;
const PLOT = 200;
const FOOT = 40;
const COLOURS = ["#2563eb", "#d97706", "#059669", "#db2777", "#7c3aed", "#9ca3af"];
/** More points than pixels say nothing. */
const MAX_POINTS = 300;

/** A panel a course: memory of each kind of process over what has passed. */
export function renderGraph(courses: readonly Course[]): string {
  const height = HEAD + PLOT + FOOT;
  return renderSvg({
    title: "Memory of the gateway's processes over time",
    width: WIDTH,
    height: courses.length * height,
    style: ".grid { stroke: #9ca3af; stroke-opacity: 0.4 } polyline { fill: none; stroke-width: 1.5 }",
    body: courses.map((course, index) => renderPanel(course, index * height)),
  });
}

function renderPanel(course: Course, top: number): string {
  const lines = linesOf(course);
  const points = lines.flatMap((line) => line.points);
  const [xStep, yStep] = [
    stepFor(Math.max(...points.map(({ at }) => at))),
    stepFor(Math.max(...points.map(({ mib }) => mib))),
  ];
  const [xMost, yMost] = [
    Math.max(...points.map(({ at }) => at)),
    Math.ceil(Math.max(...points.map(({ mib }) => mib)) / yStep) * yStep,
  ];
  const bottom = top + HEAD + PLOT;
  const x = (at: number) => LEFT + (at / xMost) * (WIDTH - LEFT - RIGHT);
  const y = (mib: number) => bottom - (mib / yMost) * PLOT;
  const place = (at: number, mib: number) => `${x(at).toFixed(1)},${y(mib).toFixed(1)}`;
  return [
    `<text x="8" y="${top + 20}" font-weight="bold">${escapeXml(`${course.title}: PSS in MiB`)}</text>`,
    ...lines.map(({ name }, index) => renderKey(name, { index, top })),
    ...stepsTo(yMost, yStep).map(
      (mib) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(mib)}" y2="${y(mib)}"/>` +
        `<text x="${LEFT - 8}" y="${y(mib) + 4}" text-anchor="end">${mib}</text>`,
    ),
    ...stepsTo(xMost, xStep).map(
      (at) => `<text x="${x(at)}" y="${bottom + 16}" text-anchor="middle">${at.toLocaleString("en")}</text>`,
    ),
    `<text x="${WIDTH - RIGHT}" y="${bottom + 32}" text-anchor="end">${escapeXml(course.unit)}</text>`,
    ...lines.map((line, index) => {
      const shown = thin(line).map(({ at, mib }) => place(at, mib));
      return `<polyline stroke="${COLOURS[index % COLOURS.length]}" points="${shown.join(" ")}"/>`;
    }),
  ].join("\n");
}

function renderKey(name: string, { index, top }: { readonly index: number; readonly top: number }): string {
  const x = LEFT + index * 130;
  return (
    `<rect x="${x}" y="${top + 31}" width="14" height="4" fill="${COLOURS[index % COLOURS.length]}"/>` +
    `<text x="${x + 20}" y="${top + 38}">${escapeXml(name)}</text>`
  );
}

function thin({ points }: Line): Line["points"] {
  const each = Math.ceil(points.length / MAX_POINTS);
  return points.filter((_, index) => index % each === 0 || index === points.length - 1);
}

/** 1, 2 or 5 times a power of ten, so that there are about five of them. */
function stepFor(most: number): number {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((times) => times * power >= rough) ?? 10) * power;
}

function stepsTo(most: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}
