import { RE2JS } from "re2js";
import type { Hit } from "./finder.ts";

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/** As the gateway does it: no text of a stranger's makes a page hang. */
export function compileMark(source: string, flags: string): (text: string, most: number) => readonly Hit[] {
  const bits = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source), bits);
  return (text, most) => {
    const matcher = compiled.matcher(text);
    const hits: Hit[] = [];
    while (hits.length < most && matcher.find())
      if (matcher.end() > matcher.start()) hits.push([matcher.start(), matcher.end()]);
    return hits;
  };
}
