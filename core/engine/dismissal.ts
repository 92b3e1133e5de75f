import type { Goodbye, SessionConfig } from "../config/index.ts";
import type { EndGrounds } from "../session-end.ts";
import type { CloseStatus } from "../wire/close-payload.ts";

/** How the gateway itself ends a session: what its peers are told, and what the ledger says. */
export interface Dismissal {
  readonly status: CloseStatus;
  readonly grounds: EndGrounds;
  /** Not before. Absent: at once. */
  readonly afterMs?: number;
  /** At any time within these, so that not all clients come again together; absent: at once. */
  readonly withinMs?: number;
  /** The Close names a time to come again that is within so long; absent: none. */
  readonly reconnectMs?: number;
}

/** What there is to know of an open session's route. */
export interface RouteStanding {
  /** No config and no policy file has it any more. */
  readonly isRemoved: boolean;
  readonly isEnabled: boolean;
  /** An operator lets nobody else in, and its sessions are being closed. */
  readonly isDrained: boolean;
  /** A connection that began now would be treated otherwise than this one was. */
  readonly isOutdated: boolean;
  /** Undefined: sessions of the route outlive what they began with. */
  readonly recycleSpreadMs: number | undefined;
  /** For sessions of a route that is removed; undefined: they stay. */
  readonly removal: SessionConfig["removal"];
}

/** Whether a session has to go, now that its route stands so. */
export function findDismissal({
  isRemoved,
  isEnabled,
  isDrained,
  isOutdated,
  recycleSpreadMs,
  removal,
}: RouteStanding): Dismissal | undefined {
  if (isRemoved) {
    return (
      removal && {
        status: { code: 1001, reason: "route is removed" },
        grounds: { cause: "route-removed", detail: "" },
        afterMs: removal.afterMs,
        withinMs: removal.spreadMs,
      }
    );
  }
  if (!isEnabled) {
    return {
      status: { code: 1001, reason: "route is disabled" },
      grounds: { cause: "route-disabled", detail: "" },
    };
  }
  if (isDrained) {
    return {
      status: { code: 1001, reason: "route is draining" },
      grounds: { cause: "drain", detail: "it began while its route or server was drained" },
    };
  }
  if (!isOutdated || recycleSpreadMs === undefined) return undefined;
  return {
    status: { code: 1012, reason: "route reloaded" },
    grounds: { cause: "recycle", detail: "" },
    withinMs: recycleSpreadMs,
  };
}

/** The process stops. */
export function drainDismissal({ code, reconnectMs = 0 }: Goodbye): Dismissal {
  return {
    status: { code, reason: "gateway is stopping" },
    grounds: { cause: "drain", detail: "" },
    reconnectMs,
  };
}
