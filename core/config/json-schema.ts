import { z } from "zod";
import { configSchema } from "./options/schema.ts";

/** The JSON Schema of a config file, for editors. */
export function buildJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, {
    io: "input",
    override({ jsonSchema }) {
      const { description, default: fallback } = jsonSchema;
      if (description !== undefined) jsonSchema.description = withDefault(description, fallback);
    },
  });
  return {
    $schema,
    title: "Framegate config",
    description: "framegate.config.json or framegate.config.yaml",
    ...schema,
  };
}

/**
 * A description that ends in `Default: ….`: in its own words where it has some, or else with the schema's value. An
 * object's default is that of its parts.
 */
export function withDefault(description: string, fallback: unknown): string {
  if (fallback === undefined || description.includes(" Default: ")) return description;
  const value = JSON.stringify(fallback);
  return value === "{}" ? description : `${description} Default: ${value}.`;
}
