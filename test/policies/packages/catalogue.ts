import { documents } from "./cases/documents.ts";
import { encodings } from "./cases/encodings.ts";
import { schemas } from "./cases/schemas.ts";
import { tools } from "./cases/tools.ts";
import type { PackageCase } from "./package-case.ts";

/** What docs/packages.md lists, in its order. */
export const catalogue: readonly PackageCase[] = [...schemas, ...encodings, ...documents, ...tools];
