import type { JsonObject } from "framegate/policy";
import { createLens, type LensHooks, type LensOptions } from "../lib/lens.ts";
import type { AnySession, LensHandlers, Protocol, ProtocolParts } from "../lib/protocol.ts";
import { agreedSubprotocol } from "../lib/subprotocols.ts";
import { OCPP16_ACTIONS, type Ocpp16Actions } from "./actions-1-6.ts";
import { OCPP201_ACTIONS, type Ocpp201Actions } from "./actions-2-0-1.ts";
import { createOcppDialect, OCPP_FOREIGN } from "./dialect.ts";
import type { OcppCall, OcppCallError, OcppCallResult, OcppExchange } from "./messages.ts";

export type { OcppCall, OcppCallError, OcppCallResult } from "./messages.ts";

type Calls<Actions> = {
  readonly [Action in keyof Actions & string]: Actions[Action] extends OcppExchange<infer Request, unknown>
    ? OcppCall<Action, Request>
    : never;
};

type Results<Actions> = {
  readonly [Action in keyof Actions & string as `${Action}Result`]: Actions[Action] extends OcppExchange<
    unknown,
    infer Response
  >
    ? OcppCallResult<Action, Response>
    : never;
};

/** By action, and by action with `Result` behind it for what is answered. */
interface OcppProtocol<Actions extends Protocol> {
  readonly client: Calls<Actions["client"]> & Results<Actions["server"]>;
  readonly server: Calls<Actions["server"]> & Results<Actions["client"]>;
  readonly both: Calls<Actions["both"]> & Results<Actions["both"]> & { readonly callError: OcppCallError };
}

export type Ocpp16Protocol = OcppProtocol<Ocpp16Actions>;
export type Ocpp201Protocol = OcppProtocol<Ocpp201Actions>;

/** OCPP-J 1.6, the subprotocol `ocpp1.6`: the client is the charge point, the server the central system. */
export function ocpp16<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<Ocpp16Protocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  const parts = partsOf("ocpp16", "ocpp1.6", OCPP16_ACTIONS) as unknown as ProtocolParts<Ocpp16Protocol>;
  return createLens<Ocpp16Protocol, Options, Session>(parts, handlers, options);
}

/** OCPP-J 2.0.1, the subprotocol `ocpp2.0.1`: the client is the charging station, the server the CSMS. */
export function ocpp201<Options = JsonObject, Session extends object = AnySession>(
  handlers: LensHandlers<Ocpp201Protocol, Options, Session>,
  options: LensOptions = {},
): LensHooks<Options, Session> {
  const parts = partsOf("ocpp201", "ocpp2.0.1", OCPP201_ACTIONS) as unknown as ProtocolParts<Ocpp201Protocol>;
  return createLens<Ocpp201Protocol, Options, Session>(parts, handlers, options);
}

function partsOf(
  name: string,
  subprotocol: string,
  actions: Readonly<Record<keyof Protocol, readonly string[]>>,
) {
  const resultsOf = (asked: readonly string[]) => asked.map((action) => `${action}Result`);
  const kinds = {
    client: [...actions.client, ...resultsOf(actions.server)],
    server: [...actions.server, ...resultsOf(actions.client)],
    both: [...actions.both, ...resultsOf(actions.both), "callError"],
  };
  return {
    name,
    kinds,
    ...agreedSubprotocol([subprotocol], OCPP_FOREIGN),
    // What an answer is to, the other side has said.
    readsBoth: true,
    client: createOcppDialect("client", [...kinds.client, ...kinds.both]),
    server: createOcppDialect("server", [...kinds.server, ...kinds.both]),
  };
}
