import type { CapabilityAsk } from "../../sandbox/contract/capabilities.ts";

/** What was asked, without what may change from one version of a policy to the next: `GET https://…`, `get key`, `take key`. */
export function wordAsk({ kind, text }: Pick<CapabilityAsk, "kind" | "text">): string | undefined {
  try {
    const fields = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const [what, on] =
      kind === "fetch" ? [fields.method, fields.url] : [kind === "rate" ? "take" : fields.op, fields.key];
    return kind !== "secret" && kind !== "alert" && typeof what === "string" && typeof on === "string"
      ? `${what} ${on}`
      : undefined;
  } catch {
    return undefined;
  }
}
