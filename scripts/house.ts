/** Measures the house: `npm run house`, of another checkout with `-- --dir PATH`. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readHouse } from "./house/house.ts";
import { measure } from "./house/measure.ts";
import { renderMeasure } from "./house/render.ts";
import { PARTS } from "./house/rules.ts";

const here = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({ options: { dir: { type: "string", default: here } } });

process.stdout.write(renderMeasure(measure(readHouse(values.dir, PARTS))));
