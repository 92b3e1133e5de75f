import type {
  BreakpointsView,
  BreakpointWishInput,
  HeldMessageView,
} from "../../../core/admin/api/breakpoints/breakpoints-schema.ts";

/** Breakpoints of a stand-in, with messages that are held until somebody lets them go. */
export function createBreakpoints(now: number) {
  const text = (data: string) => ({
    encoding: "text" as const,
    data,
    length: data.length,
    isCut: false,
    redactions: 0,
  });
  const held = (id: string, more: Partial<HeldMessageView> = {}): HeldMessageView => ({
    ...{
      id,
      breakpoint: "b1",
      session: "1-42",
      route: "chat",
      origin: "client",
      sequence: 12,
      node: "gate-1",
    },
    ...{ heldAt: now, leftMs: 24_000, payload: text('{"type":"order","amount":900,"currency":"EUR"}') },
    original: text('{"type":"order","amount":900}'),
    ...more,
  });
  const view: BreakpointsView = {
    breakpoints: [],
    held: [],
    passed: { full: 0, large: 0, unread: 0 },
    unreadable: 0,
    mostHeld: 100,
    unanswered: [],
  };
  return {
    view,
    set({ filter = "", from }: BreakpointWishInput) {
      const id = `b${view.breakpoints.length + 1}`;
      const breakpoint = {
        ...{ id, filter, holdMs: 30_000, createdAt: Date.now(), expiresAt: Date.now() + 3_600_000 },
        ...(from !== undefined && { origin: from }),
      };
      view.breakpoints.push(breakpoint);
      view.passed = { full: 0, large: 2, unread: 1 };
      view.unreadable = 3;
      view.held.push(
        held(`${id}-1`),
        held(`${id}-2`, {
          ...{ origin: "server", session: "2-40", route: "telemetry", original: null, leftMs: 28_000 },
          payload: { encoding: "base64", data: "AAECAwQF", length: 6, isCut: false, redactions: 0 },
        }),
      );
      return breakpoint;
    },
    remove(id: string) {
      view.breakpoints = view.breakpoints.filter((each) => each.id !== id);
      view.held = [];
    },
    find: (id: string) => view.held.find((each) => each.id === id),
    letGo(id: string | undefined) {
      view.held = view.held.filter((each) => id !== undefined && each.id !== id);
    },
  };
}
