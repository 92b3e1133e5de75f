import type {
  CloseRecord,
  FrameRecord,
  HookRecord,
  MessageStep,
  RequestRecord,
  UpgradeRecord,
} from "../records.ts";

/** One frame, as a batch has it. */
export interface FrameParts {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  /** Unmasked. */
  readonly kept: Buffer;
  /** Of the whole payload, on the wire. */
  readonly length: number;
}

/** A payload as it was recorded: nothing is hidden in it yet. */
export interface RawPayload {
  readonly bytes: Buffer;
  /** `unreadable`: compressed, and what it says cannot be known from what was kept. */
  readonly kind: "text" | "binary" | "unreadable";
  /** Bytes of the whole. */
  readonly length: number;
  readonly isCut: boolean;
  /**
   * Of a fragment: what the message said before it, so that a secret is found that begins in one and ends in another;
   * undefined when that is not known.
   */
  readonly before: Buffer | undefined;
}

export type RawFrame = Omit<FrameRecord, "payload" | "after" | "replies" | "appended" | "steps"> & {
  readonly steps: readonly (Omit<MessageStep, "after"> & { readonly after: RawPayload | null })[];
  readonly payload: RawPayload | null;
  readonly after: RawPayload | null;
  readonly replies: readonly RawPayload[];
  readonly appended: readonly RawPayload[];
};

export type RawHook = Omit<HookRecord, "toClient" | "toServer"> & {
  readonly toClient: readonly RawPayload[];
  readonly toServer: readonly RawPayload[];
};

/** What a batch holds, before redaction: for the eyes of record-redaction.ts only. */
export type RawRecord = UpgradeRecord | RequestRecord | CloseRecord | RawFrame | RawHook;
