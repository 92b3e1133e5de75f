import test from "ava";
import { z } from "zod";
import { parseShape } from "../../../policies/pack/parse-shape.ts";

const schema = z.object({ names: z.array(z.string()).min(1) });

test("what fits is given, and what does not is told where it is", (t) => {
  t.deepEqual(parseShape(schema, { names: ["a"] }).data, { names: ["a"] });
  t.deepEqual(parseShape(schema, { names: [] }).error?.issues[0]?.path, ["names"]);
});

test("a length that is no number is a problem like any other", (t) => {
  const input = JSON.parse(`{ "names": { "length": { "toString": 1, "valueOf": 1 } } }`);
  t.throws(() => schema.safeParse(input), { instanceOf: TypeError });
  const { success, error } = parseShape(schema, input);
  t.false(success);
  t.regex(error?.issues[0]?.message ?? "", /^expected values that can be checked \(/);
});
