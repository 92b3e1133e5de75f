import type { LocationPath } from "./location-path.ts";
import type { ExpandedName } from "./name-tests.ts";
import type { XmlElement } from "./reader.ts";

/**
 * How far a path has come at an element. The bit `1 << i` of `here`: the first `i` steps lead to this element; of `within`: they
 * lead to it or to one around it, and what comes next may be anywhere within that.
 */
export interface PathReach {
  readonly here: number;
  readonly within: number;
}

/** A path that is followed while a document is read: what an element is to it follows from its tag and its parent. */
export interface PathWalk {
  /** Of the document. */
  readonly start: PathReach;
  enter(parent: PathReach, element: XmlElement): PathReach;
  /** Whether the path means this element, with all that is in it. */
  hasElement(reached: PathReach): boolean;
  /** Whether it means the texts of this element. */
  hasText(reached: PathReach): boolean;
  /** Whether it means this attribute of the element. */
  hasAttribute(reached: PathReach, name: ExpandedName): boolean;
}

export function createWalk({ steps, end }: LocationPath): PathWalk {
  const all = 1 << steps.length;
  let deep = 0;
  for (const [i, { isDeep }] of steps.entries()) if (isDeep) deep |= 1 << i;
  if (end.kind !== "element" && end.isDeep) deep |= all;
  const isAtEnd = ({ here, within }: PathReach): boolean => ((here | within) & all) !== 0;
  return {
    start: { here: 1, within: deep & 1 },
    enter(parent, element) {
      const open = (parent.here & ~deep) | parent.within;
      let here = 0;
      for (const [i, step] of steps.entries()) {
        if ((open & (1 << i)) !== 0 && step.fits(element)) here |= 1 << (i + 1);
      }
      return { here, within: parent.within | (here & deep) };
    },
    hasElement: ({ here }) => end.kind === "element" && (here & all) !== 0,
    hasText: (reached) => end.kind === "text" && isAtEnd(reached),
    hasAttribute: (reached, name) => end.kind === "attribute" && isAtEnd(reached) && end.fits(name),
  };
}
