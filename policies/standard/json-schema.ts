import type { Validator } from "@cfworker/json-schema";
import type { JsonObject, Message, MessageHookContext, MessageVerdict, Upgrade } from "framegate/policy";
import { describeErrors, jsonOf, validatorFor } from "./lib/json-check.ts";
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

const validatorsOf = perOptions(({ client, server, draft }: Options) => ({
  client: client === undefined ? undefined : validatorFor(client, draft),
  server: server === undefined ? undefined : validatorFor(server, draft),
}));

/** A schema that cannot be used shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void validatorsOf(options);
export const client: Message<Options> = (context) => check(context, validatorsOf(context.options).client);
export const server: Message<Options> = (context) => check(context, validatorsOf(context.options).server);

function check(
  { content, options }: MessageHookContext<Options>,
  validator: Validator | undefined,
): MessageVerdict | undefined {
  if (validator === undefined) return undefined;
  const message = jsonOf(content);
  if (message === undefined) return refuseMessage(options, "the message is no JSON");
  const { valid, errors } = validator.validate(message.value);
  if (valid) return undefined;
  const details = { errors: describeErrors(errors) };
  // The innermost comes last: the ones before it say only that something below does not fit.
  const rule = errors.at(-1)?.keywordLocation;
  return refuseMessage(options, "the message does not fit its schema", details, rule);
}
