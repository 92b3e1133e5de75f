import { type Circle, findCircles } from "./circles.ts";
import { type DoubleName, findDoubleNames } from "./double-names.ts";
import type { HouseFile } from "./house.ts";
import {
  CONVENTIONAL_NAMES,
  FOREIGN_SIGNATURES,
  MOST_FILES,
  MOST_PARAMETERS,
  PARTS,
  PRODUCT,
  STYLED,
} from "./rules.ts";
import { type FolderSize, findCrowded, measureFolders } from "./sizes.ts";

/** A place in the house, and what is to be said about it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly detail: string;
}

export interface Measure {
  readonly sizes: readonly FolderSize[];
  readonly crowded: ReadonlyMap<string, number>;
  /** Of values and types together. */
  readonly circles: readonly Circle[];
  readonly doubleNames: readonly DoubleName[];
  readonly longCalls: readonly Finding[];
  readonly misnamed: readonly Finding[];
}

export function measure(house: readonly HouseFile[]): Measure {
  const sources = house.filter(({ path }) => !path.endsWith(".css"));
  return {
    sizes: measureFolders(house, foldersOf(house)),
    crowded: findCrowded(
      house.map(({ path }) => path),
      MOST_FILES,
    ),
    circles: findCircles(sources.flatMap(({ imports }) => imports.filter(({ isOurs }) => isOurs))),
    doubleNames: findDoubleNames(
      new Map(sources.filter(({ path }) => isIn(path, PRODUCT)).map(({ path, exports }) => [path, exports])),
    ).filter(({ name }) => !Object.hasOwn(CONVENTIONAL_NAMES, name)),
    longCalls: sources.flatMap(({ path, callables }) =>
      callables
        .filter(
          ({ name, parameters }) => parameters > MOST_PARAMETERS && !Object.hasOwn(FOREIGN_SIGNATURES, name),
        )
        .map(({ name, line, parameters }) => ({
          file: path,
          line,
          name,
          detail: `${parameters} parameters`,
        })),
    ),
    misnamed: sources
      .filter(({ path }) => isIn(path, STYLED))
      .flatMap(({ path, misnamed }) =>
        misnamed
          .filter(({ name }) => !Object.hasOwn(CONVENTIONAL_NAMES, name))
          .map(({ name, line, expected }) => ({ file: path, line, name, detail: `expected ${expected}` })),
      ),
  };
}

/** The parts of the house, and the folders inside the product, one level down. */
function foldersOf(house: readonly HouseFile[]): readonly string[] {
  return PARTS.flatMap((part) => {
    if (!PRODUCT.includes(part)) return [part];
    const inner = house
      .filter(({ path }) => path.startsWith(`${part}/`))
      .map(({ path }) => path.split("/"))
      .filter(({ length }) => length > 2)
      .map(([, folder]) => `${part}/${folder}`);
    return [part, ...new Set(inner)];
  });
}

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}
