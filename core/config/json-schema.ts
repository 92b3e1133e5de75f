import { z } from "zod";
import { configSchema } from "./options/schema.ts";

/** The JSON Schema of a config file, for editors. */
export function buildJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: "input" });
  return {
    $schema,
    title: "Framegate config",
    description: "framegate.config.json or framegate.config.yaml",
    ...schema,
  };
}
