import { createShape, type Shape } from "./shape.ts";

/** Values before it is believed that there are no others. */
const ENOUGH = 20;
/** Times that each of them must have come. */
const EACH = 3;
const MAX_VALUES = 8;

/** The schema that all values fit that a shape has seen. */
export function schemaOf(shape: Shape): object {
  const { nulls, booleans, integers, fractions, texts, hidden, arrays, objects, unseen } = shape;
  if (hidden > 0 || unseen > 0 || shape.count === 0) return {};
  const types = [
    ...(objects > 0 ? ["object"] : []),
    ...(arrays > 0 ? ["array"] : []),
    ...(texts.count > 0 ? ["string"] : []),
    ...(fractions > 0 ? ["number"] : integers > 0 ? ["integer"] : []),
    ...(booleans > 0 ? ["boolean"] : []),
    ...(nulls > 0 ? ["null"] : []),
  ];
  const values = fewTexts(shape);
  const format = texts.format();
  return {
    type: types.length === 1 ? types[0] : types,
    ...(values !== undefined && types.length === 1 && { enum: values }),
    ...(format !== undefined && { format }),
    ...(integers + fractions >= ENOUGH && shape.lowest >= 0 && { minimum: 0 }),
    ...(arrays > 0 && { items: schemaOf(shape.items ?? createShape()) }),
    ...(objects > 0 && membersOf(shape)),
  };
}

function membersOf({ objects, members, values }: Shape): object {
  if (members === undefined) return { additionalProperties: schemaOf(values ?? createShape()) };
  const required = [...members].filter(([, member]) => member.count === objects).map(([name]) => name);
  return {
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries([...members].map(([name, member]) => [name, schemaOf(member)])),
  };
}

/** The texts of a place that has had few, each of them often; undefined where there may be others. */
function fewTexts({ texts }: Shape): readonly string[] | undefined {
  const { distinct, count } = texts;
  if (distinct === undefined || count < ENOUGH || distinct.size < 2 || distinct.size > MAX_VALUES)
    return undefined;
  const isSure = [...distinct.values()].every((times) => times >= EACH);
  return isSure ? [...distinct.keys()].toSorted() : undefined;
}
