import type { Upgrade } from "framegate/policy";
import { lookUp, PLACE_SCHEMA } from "./lib/lookups.ts";

/** Chooses the server of a connection: by what is at some place of it, or by weight. */
interface Options {
  readonly by?: string;
  readonly routes?: Readonly<Record<string, string>>;
  readonly weights?: Readonly<Record<string, number>>;
  readonly otherwise?: string;
}

const TARGET = { type: "string", minLength: 1 };

export const optionsSchema = {
  type: "object",
  properties: {
    by: {
      ...PLACE_SCHEMA,
      description:
        "What decides: `headers.NAME`, `query.NAME`, `params.NAME`, `attributes.NAME` (a claim, say), or `client.address`. With `weights`, connections with the same value go to the same server.",
    },
    routes: {
      type: "object",
      minProperties: 1,
      additionalProperties: TARGET,
      description:
        "The server for each value: the name of one of the config's `upstreams`, or a URL that the config allows.",
    },
    weights: {
      type: "object",
      minProperties: 1,
      additionalProperties: { type: "number", exclusiveMinimum: 0 },
      description: "In place of `routes`: the share of each server.",
    },
    otherwise: {
      ...TARGET,
      description:
        "The server for other values, and for none. Without it, such connections are refused with 404.",
    },
  },
  oneOf: [{ required: ["by", "routes"] }, { required: ["weights"] }],
  additionalProperties: false,
};

export const upgrade: Upgrade<Options> = (connection) => {
  const { by, routes, weights, otherwise } = connection.options;
  const value = by === undefined ? undefined : lookUp(connection, by);
  if (weights)
    return { connect: chooseByWeight(weights, value === undefined ? Math.random() : spread(value)) };
  const found = value !== undefined && Object.hasOwn(routes!, value) ? routes![value] : otherwise;
  return found === undefined
    ? { reject: { status: 404, body: "there is no server for this" } }
    : { connect: found };
};

/** @param point 0 to 1 */
function chooseByWeight(weights: Readonly<Record<string, number>>, point: number): string {
  const entries = Object.entries(weights);
  let rest = point * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [server, weight] of entries) {
    rest -= weight;
    if (rest < 0) return server;
  }
  return entries.at(-1)![0];
}

/** FNV-1a, mixed once more, for its upper bits hardly differ for texts that differ in their end only. @returns 0 to 1 */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
