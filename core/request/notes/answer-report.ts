import type { HeaderFields } from "../../net/headers.ts";
import type { NotedPhase } from "./phase-log.ts";

/** What is taken down of each request that has been answered, whichever its ending. */
export interface AnswerReport {
  readonly id: string;
  /** "" when it came to none. */
  readonly route: string;
  /** Ms since 1970, of the request. */
  readonly time: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly httpVersion: string;
  readonly status: number;
  /** Of the refusal; "" where there was none. */
  readonly code: string;
  readonly detail: string;
  readonly client: string;
  /** "" when none was asked. */
  readonly server: string;
  readonly durationMs: number;
  readonly request: HeaderFields;
  readonly phases: readonly NotedPhase[];
}
