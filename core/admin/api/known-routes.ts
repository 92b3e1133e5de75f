import type { Desk } from "../../fleet/desk/desk.ts";
import type { SessionFilter } from "../../steering/session-filter.ts";
import { AdminError } from "../errors.ts";
import type { GatewayView } from "../gateway-view.ts";

type TableView = Pick<GatewayView, "table">;

/** @throws AdminError when there is no such route now */
export function requireRoute(view: TableView, name: string): void {
  if (!knownRoutes(view).includes(name)) throw unknownRoute(view, name);
}

/**
 * A filter with a misspelt route would fit nothing, as if all was well.
 * @throws AdminError when there is no such route, and no session of one that there was
 */
export async function requireRouteOf(
  view: TableView,
  desk: Pick<Desk, "count">,
  { route }: Pick<SessionFilter, "route">,
): Promise<void> {
  if (route === undefined || knownRoutes(view).includes(route)) return;
  if ((await desk.count({ route })).sessions === 0) throw unknownRoute(view, route);
}

export function unknownRoute(view: TableView, name: string): AdminError {
  const known = knownRoutes(view).join(", ") || "none";
  return new AdminError("ERR_NOT_FOUND", `no route "${name}"; there are: ${known}`);
}

/** None before the start. */
export function knownRoutes({ table }: TableView): readonly string[] {
  return (table()?.routes ?? []).map(({ config }) => config.name);
}
