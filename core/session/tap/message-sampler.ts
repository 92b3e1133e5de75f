import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { FlowResult, FlowTrace } from "./flow-trace.ts";

/** Takes the way of a share of one session's messages through the policies. */
export interface MessageSampler {
  /** Whether the message that has come is one of them. */
  takes(): boolean;
  /** One of them has left, or will not. */
  message(message: SampledMessage): void;
}

export interface SampledMessage {
  readonly origin: Side;
  /** Of its direction and session, from 1. */
  readonly sequence: number;
  readonly trace: FlowTrace;
  readonly result: FlowResult;
}
