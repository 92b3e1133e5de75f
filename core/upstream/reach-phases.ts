/** Is told how far the way to a server has come, for who wants to know where the time went. */
export interface ReachPhases {
  /** @param about of a `dial`: whom to, by host and port */
  enter(phase: "queue" | "dial" | "request" | "server" | "answer", about?: { readonly server: string }): void;
  /** It was no dial: a connection of an earlier request is used. */
  keep(): void;
  /** The server has answered, or what went wrong has been told. */
  end(): void;
  fail(problem: string): void;
}
