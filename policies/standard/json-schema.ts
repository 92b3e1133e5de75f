import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import type { JsonObject, Message, MessageHookContext, MessageVerdict, Upgrade } from "framegate/policy";
import { textOf } from "./lib/contents.ts";
import { perOptions } from "./lib/per-options.ts";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "./lib/refusals.ts";

/** Lets messages pass that are JSON and fit a schema. */
interface Options extends ViolationOptions {
  readonly client?: JsonObject | boolean;
  readonly server?: JsonObject | boolean;
  readonly draft: "7" | "2019-09" | "2020-12";
}

export const optionsSchema = {
  type: "object",
  properties: {
    client: {
      type: ["object", "boolean"],
      description: "The schema of the client's messages. Without it, all pass.",
    },
    server: {
      type: ["object", "boolean"],
      description: "The schema of the server's messages. Without it, all pass.",
    },
    draft: {
      enum: ["7", "2019-09", "2020-12"],
      default: "2020-12",
      description: "The version of JSON Schema that they are written in.",
    },
    ...VIOLATION_PROPERTIES,
  },
  anyOf: [{ required: ["client"] }, { required: ["server"] }],
  additionalProperties: false,
};

const MAX_ERRORS = 5;

const validatorsOf = perOptions((options: Options) => ({
  client: validatorFor(options.client, options),
  server: validatorFor(options.server, options),
}));

/** A schema that cannot be used shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void validatorsOf(options);
export const client: Message<Options> = (context) => check(context, validatorsOf(context.options).client);
export const server: Message<Options> = (context) => check(context, validatorsOf(context.options).server);

function validatorFor(schema: JsonObject | boolean | undefined, { draft }: Options): Validator | undefined {
  if (schema === undefined) return undefined;
  // The validator would pass over it, and let through what it forbids.
  if (/"\$dynamicRef":/.test(JSON.stringify(schema)))
    throw new Error("`$dynamicRef` is not supported in a schema");
  // The validator writes to its schema, and options are frozen.
  return new Validator(structuredClone(schema) as Schema, draft, false);
}

function check(
  { content, options }: MessageHookContext<Options>,
  validator: Validator | undefined,
): MessageVerdict | undefined {
  if (validator === undefined) return undefined;
  const message = parse(textOf(content));
  if (message === undefined) return refuseMessage(options, "the message is no JSON");
  const { valid, errors } = validator.validate(message.value);
  return valid
    ? undefined
    : refuseMessage(options, "the message does not fit its schema", { errors: describe(errors) });
}

function parse(text: string | undefined): { readonly value: unknown } | undefined {
  try {
    return text === undefined ? undefined : { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Without those that only say that something within is wrong. */
function describe(errors: readonly OutputUnit[]): object[] {
  const causes = errors.filter(({ error }) => !/subschema|does not match schema/i.test(error));
  const shown = causes.length > 0 ? causes : errors;
  return shown
    .slice(0, MAX_ERRORS)
    .map(({ instanceLocation, error }) => ({ path: instanceLocation.replace(/^#/, ""), message: error }));
}
