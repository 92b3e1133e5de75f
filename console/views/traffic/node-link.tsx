import { link } from "../../state/query.ts";

/** All that the same gateway has recorded. */
export function NodeLink({ node, view }: { readonly node: string; readonly view: "http" | "websockets" }) {
  return <a href={link(`/traffic/${view}`, { node })}>{node}</a>;
}
