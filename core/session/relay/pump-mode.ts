/**
 * What a pump does with its sender's frames, decided purely. Strings in, strings out: nothing is made anew for a frame.
 *
 *   mode      data frames           ping, pong      a pong like ours    Close
 *   splice    pass as they came     pass            is held             is read, goes on
 *   read      are put together      pass between    is held             is read, goes on
 *   weigh     pass as they came,    pass between    is held             is read, goes on
 *             when the last is there
 *   skip      are dropped           pass            is held             is read, goes on
 *   answer    are dropped           are dropped     is dropped          is read: the answer to the gateway's own
 *   over      nothing of the sender's is looked at any more
 *
 *          a message that is read              its end
 *   splice ──────────────────▶ read, weigh ───────────────▶ splice
 *     │    a message that is refused           its end
 *     ├─────────────────────────────▶ skip ───────────────▶ splice
 *     │
 *     ├─ the gateway closes ──────────────────▶ answer ──┐
 *     └─ Close, a fault, FIN ────────────────────────────┴─▶ over      (both from all of them)
 */
export type PumpMode = "splice" | "read" | "weigh" | "skip" | "answer" | "over";

export type PumpEvent =
  /** A message begins that has to be put together: for policies, or because the legs differ in their compression. */
  | "message-read"
  /** A compressed message begins that nobody reads, and that may inflate to more than the limit. */
  | "message-weighed"
  /** A message begins that is one too many. */
  | "message-refused"
  /** A message that is read, weighed or skipped has ended. */
  | "message-end"
  /** The gateway, or a policy, ends this direction. */
  | "close-decided"
  /** The sender said its last: Close, bytes that break the protocol, or FIN. */
  | "ended";

export function advanceMode(mode: PumpMode, event: PumpEvent): PumpMode {
  switch (event) {
    case "message-read":
      return from("splice", "read", mode, event);
    case "message-weighed":
      return from("splice", "weigh", mode, event);
    case "message-refused":
      return from("splice", "skip", mode, event);
    case "message-end":
      return from(mode === "skip" || isPutTogether(mode) ? mode : "read", "splice", mode, event);
    case "close-decided":
      // What has said its last does not answer.
      return mode === "over" ? "over" : "answer";
    case "ended":
      return "over";
  }
}

function from(before: PumpMode, after: PumpMode, mode: PumpMode, event: PumpEvent): PumpMode {
  if (mode !== before) throw new Error(`a pump in the mode ${mode} was told "${event}"`);
  return after;
}

/** The message that is going on has not begun to leave. */
export function isPutTogether(mode: PumpMode): boolean {
  return mode === "read" || mode === "weigh";
}

/**
 * `pong`: as long as the gateway's own, and perhaps the answer to its ping; or a ping or pong that goes past what an operator holds.
 * Between frames it counts as `data`.
 */
export type PumpFrameKind = "data" | "control" | "pong" | "close";

/**
 * What becomes of a frame. `pass`: it goes on as it came; `collect`: it is a part of the message that is put together;
 * `weigh`: likewise, and that goes on as it came, if it does; `hold`: it goes on as it came, if it does, when it is there
 * as a whole; `parse`: its payload is read, and what goes on is made of that.
 */
export type Fate = "pass" | "collect" | "weigh" | "hold" | "parse" | "drop";

export function fateOf(mode: PumpMode, kind: PumpFrameKind): Fate {
  switch (kind) {
    case "data":
      return fateOfData(mode);
    case "control":
      return mode === "answer" || mode === "over" ? "drop" : "pass";
    case "pong":
      return mode === "answer" || mode === "over" ? "drop" : "hold";
    case "close":
      return mode === "over" ? "drop" : "parse";
  }
}

function fateOfData(mode: PumpMode): Fate {
  switch (mode) {
    case "splice":
      return "pass";
    case "read":
      return "collect";
    case "weigh":
      return "weigh";
    case "skip":
    case "answer":
    case "over":
      return "drop";
  }
}

/** What of the gateway's own may go in where the stream is now. */
export type Opening = "any" | "control" | "none";

export interface StreamPosition {
  readonly insideFrame: boolean;
  readonly insideMessage: boolean;
}

/**
 * No frame goes into another, and a message not between the fragments of another (RFC 6455 section 5.4). A message that
 * is put together has not begun to leave, and is in nobody's way; nor is a Close, which is made anew.
 */
export function openingAt(
  mode: PumpMode,
  kind: PumpFrameKind,
  { insideFrame, insideMessage }: StreamPosition,
): Opening {
  const isKept = isPutTogether(mode);
  if (insideFrame && kind !== "close" && !(isKept && kind === "data")) return "none";
  return insideMessage && !isKept ? "control" : "any";
}
