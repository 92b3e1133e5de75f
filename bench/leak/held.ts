/** What a gateway holds when nobody is connected. */
export interface Held {
  /** After garbage was collected. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Objects that live. */
  readonly sockets: number;
  readonly promises: number;
  /** Timers, sockets and whatever else keeps an event loop going. */
  readonly handles: number;
  readonly descriptors: number;
  readonly hostPid: number;
  /** For want of memory. */
  readonly isolatesReplaced: number;
}
