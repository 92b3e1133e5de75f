import type { ProcessKind } from "../lib/processes.ts";
import type { Course } from "./course.ts";
import { type MemoryTrend, type Point, readMemoryTrend } from "./trend.ts";

const NAMES: Readonly<Record<ProcessKind, string>> = {
  supervisor: "supervisor",
  worker: "worker",
  host: "sandbox hosts",
  probe: "probe",
  esbuild: "esbuild",
};

/** A line of the graph: one kind of process, or all of them. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Those that are there all the time, and the sum; a kind that is gone before the end has no trend. */
export function linesOf({ samples }: Course): readonly Line[] {
  const last = samples.at(-1);
  const kinds = (Object.keys(NAMES) as ProcessKind[]).filter((kind) => last?.mib[kind] !== undefined);
  const lines = kinds.map((kind) => ({
    name: NAMES[kind],
    points: samples.flatMap(({ at, mib }) => (mib[kind] === undefined ? [] : [{ at, mib: mib[kind] }])),
  }));
  const sum = samples.map(({ at, mib }) => ({
    at,
    mib: Object.values(mib).reduce((all, each) => all + each, 0),
  }));
  return [...lines, { name: "all of them", points: sum }];
}

/** To its end. */
export function isFlat(course: Course): boolean {
  return (
    course.failure === undefined &&
    linesOf(course).every(({ points }) => readMemoryTrend(points)?.isFlat === true)
  );
}

/** A Markdown table for each course. */
export function renderCourses(courses: readonly Course[]): string {
  return courses.map(renderCourse).join("\n\n");
}

function renderCourse(course: Course): string {
  const rows = linesOf(course).map(({ name, points }) => renderLine(name, readMemoryTrend(points)));
  const end = course.failure === undefined ? "" : ` **Ended before its time: ${course.failure}.**`;
  return [
    `${course.title}: ${course.passed}.${end} PSS in MiB, after the first quarter:`,
    "",
    "| | at first | at the end | most | grown, by the slope | |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function renderLine(name: string, trend: MemoryTrend | undefined): string {
  if (trend === undefined) return `| ${name} | – | – | – | – | too few samples |`;
  const { first, last, most, growth } = trend;
  const figures = [first, last, most].map((value) => value.toFixed(0));
  const grown = `${growth > 0 ? "+" : ""}${growth.toFixed(1)}`;
  return `| ${[name, ...figures, grown, trend.isFlat ? "flat" : "**rises**"].join(" | ")} |`;
}
