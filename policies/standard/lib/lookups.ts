import type { UpgradeHookContext } from "framegate/policy";

type Connection = Pick<UpgradeHookContext, "id" | "request" | "client" | "attributes">;

/** `attributes.user.id`, `client.address`, `params.room`, `query.v`, `headers.x-tenant` or `id` of a connection, as a text. */
export function lookUp(connection: Connection, place: string): string | undefined {
  const value = valueAt(connection, place);
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

export function valueAt({ id, request, client, attributes }: Connection, place: string): unknown {
  const [root = "", ...names] = place.split(".");
  if (root === "headers") return request.headers.get(names.join("."));
  const roots = { id, attributes, client, params: request.params, query: request.query };
  let value: unknown = roots[root as keyof typeof roots];
  for (const name of names) {
    const isOwn = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    value = isOwn ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}

/** Each `{place}` of a template with what is there; undefined when one of them is missing. */
export function fillTemplate(connection: Connection, template: string): string | undefined {
  let isWhole = true;
  const text = template.replace(/\{([\w.-]+)\}/g, (_, place: string) => {
    const value = lookUp(connection, place);
    isWhole &&= value !== undefined;
    return value ?? "";
  });
  return isWhole ? text : undefined;
}

/** For schemas: one place. */
export const PLACE_SCHEMA = {
  type: "string",
  pattern: "^(id|client\\.(address|port)|(attributes|params|query|headers)\\.[\\w.-]+)$",
};
