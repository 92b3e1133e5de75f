import type { Socket } from "node:net";
import type { Side } from "../../sandbox/contract/hooks.ts";
import type { ConnectionContext, ContentTypes } from "../../sandbox/contract.ts";
import type { Holdings } from "../request/holdings.ts";
import type { Term } from "../request/terms.ts";
import type { ConnectionPolicies } from "../routes/connection-policies.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { ServerName } from "../upstream/server-choice.ts";
import type { NegotiatedExtensions } from "./extensions.ts";
import type { MirrorRequest } from "./mirror-request.ts";

/** Both handshakes are done and the client has its 101: what a session is made of. */
export interface AcceptedUpgrade {
  readonly id: string;
  readonly runtime: RouteRuntime;
  readonly policies: ConnectionPolicies;
  /** That of the route when the request came: it may have changed since. */
  readonly generation: number;
  readonly client: { readonly socket: Socket; readonly address: string };
  readonly server: {
    readonly socket: Socket;
    readonly url: string;
    /** Undefined: it is none of an upstream's. */
    readonly at: ServerName | undefined;
  };
  /** What came of each right behind the handshake. */
  readonly heads: Readonly<Record<Side, Buffer>>;
  readonly extensions: NegotiatedExtensions;
  readonly context: ConnectionContext;
  readonly types: ContentTypes;
  /** What `upgrade` hooks have said of its time; undefined: nothing. */
  readonly terms: readonly Term[] | undefined;
  /** Whom copies of its messages go to, by the route as it is when the session begins; undefined: nobody. */
  sampleMirror(): MirrorRequest | undefined;
  /** It has a span. */
  readonly isTraced: boolean;
  /** At its route and at its upstream: to be given back when the session has ended. */
  readonly held: Holdings;
}
