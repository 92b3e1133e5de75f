import type { HookCall, Seat } from "../../sandbox/contract.ts";
import { MessageFlow } from "../session/flow/message-flow.ts";

/**
 * A place in a chain that is no policy's: each message that gets there is handed on to `take`, which settles it, now or later.
 *
 * @param skip told of each that goes on and is not read
 */
export function createHeldSeat(take: (flow: MessageFlow) => void, skip: () => void = () => {}): Seat {
  return {
    policy: "",
    version: "",
    submit(call: HookCall) {
      if (call instanceof MessageFlow) take(call);
      else call.settle({ kind: "skipped" });
    },
    matcher: () => undefined,
    skip,
    renew() {},
    offer() {},
    end() {},
    close() {},
  };
}
