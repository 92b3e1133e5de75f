import { compilePath } from "../standard/lib/json-paths.ts";
import { compilePattern } from "../standard/lib/patterns.ts";
import { parsePath } from "../xml/lib/location-path.ts";
import type { Formats } from "./format-names.ts";

/** What is said of a text here is what the policies that take it would throw at it. */
export const formats: Formats = {
  re2: compilePattern,
  "json-path": compilePath,
  // The namespaces are another option.
  "xml-path": (path) => parsePath(path, undefined),
};
