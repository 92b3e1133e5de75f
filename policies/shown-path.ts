import { isAbsolute, relative, sep } from "node:path";

/** A path as its owner would type it: relative when it is below the working directory, else absolute. */
export function showPath(file: string, workingDirectory: string = process.cwd()): string {
  const path = relative(workingDirectory, file);
  const isOutside = path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
  return isOutside || path === "" ? file : path;
}
