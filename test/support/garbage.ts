import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Collects what nobody holds any more, so that the memory which is left is memory that somebody holds. */
export const collectGarbage = runInNewContext("gc") as () => void;
