import type { RequestContext } from "../../sandbox/contract.ts";
import type { HeaderRules } from "../config/index.ts";
import type { HeaderFields } from "../net/headers.ts";

/** What the placeholders of a value stand for. */
interface Values {
  readonly id: string;
  readonly context: RequestContext;
}

/** Removes, sets and adds, in this order. */
export function applyRules(
  fields: HeaderFields,
  { set, add, remove }: HeaderRules,
  values: Values,
): HeaderFields {
  if (set.length + add.length + remove.length === 0) return fields;
  const gone = new Set([...remove, ...set.map(([name]) => name)]);
  return [
    ...fields.filter(([name]) => !gone.has(name.toLowerCase())),
    ...[...set, ...add].map(([name, value]) => [name, fillIn(value, values)] as const),
  ];
}

/** Parameters are filled in percent-encoded: decoded they could hold a line break, and with it headers of their own. */
function fillIn(value: string, { id, context }: Values): string {
  return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name === "id") return id;
    if (name === "client.address") return context.client.address;
    const param = name.slice("params.".length);
    const found = Object.hasOwn(context.request.params, param) ? context.request.params[param] : undefined;
    return found === undefined ? "" : encodeURIComponent(found.toWellFormed());
  });
}
