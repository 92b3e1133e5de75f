import type { DrainsView } from "../../../core/admin/api/drains/drain-schema.ts";

/** What can be drained, as the API has it; without a target all servers of the upstream. */
export type Place =
  | { readonly kind: "gateway" }
  | { readonly kind: "route"; readonly name: string }
  | { readonly kind: "upstream"; readonly name: string; readonly target?: string };

/** How a place stands. */
export type PlaceState =
  | { readonly word: "serving" }
  /** It begins at this time. */
  | { readonly word: "waiting"; readonly at: number }
  /** Nothing new comes; with a closing its sessions are on their way out. */
  | { readonly word: "drained"; readonly closing: DrainsView["closing"][number] | undefined }
  /** What it belongs to is drained. */
  | { readonly word: "covered"; readonly by: string };

export function stateOf(place: Place, drains: DrainsView): PlaceState {
  const isOfPlace = ({
    kind,
    name,
    target,
  }: Pick<DrainsView["waiting"][number], "kind" | "name" | "target">) =>
    kind === place.kind &&
    name === (place.kind === "gateway" ? "" : place.name) &&
    target === targetOf(place);
  if (isDrained(place, drains)) {
    const closing = drains.closing.find((each) => isOfPlace(each) && each.state === "running");
    return { word: "drained", closing };
  }
  const waiting = drains.waiting.find(isOfPlace);
  if (waiting !== undefined) return { word: "waiting", at: waiting.at };
  if (place.kind === "route" && drains.gateway) return { word: "covered", by: "with the gateway" };
  if (place.kind === "upstream" && place.target !== undefined && isDrained(withoutTarget(place), drains))
    return { word: "covered", by: "with its upstream" };
  return { word: "serving" };
}

export function placeTitle(place: Place): string {
  switch (place.kind) {
    case "gateway":
      return "the gateway";
    case "route":
      return `route ${place.name}`;
    case "upstream":
      return place.target === undefined ? `upstream ${place.name}` : place.target;
  }
}

function isDrained(place: Place, drains: DrainsView): boolean {
  switch (place.kind) {
    case "gateway":
      return drains.gateway;
    case "route":
      return drains.routes.includes(place.name);
    case "upstream":
      return drains.servers.some(
        ({ upstream, target }) => upstream === place.name && target === targetOf(place),
      );
  }
}

function targetOf(place: Place): string {
  return (place.kind === "upstream" && place.target) || "";
}

function withoutTarget({ kind, name }: Extract<Place, { readonly kind: "upstream" }>): Place {
  return { kind, name };
}
