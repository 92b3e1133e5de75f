import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { RouteConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import { whenOver } from "../leases/caps/soon.ts";
import type { RateLeases } from "../leases/rate-leases.ts";
import type { UpgradeRules } from "../listen/entrance.ts";
import { formatHead, type HeaderFields } from "../net/headers.ts";
import { admitUpgrade } from "../request/admit.ts";
import { askPolicies } from "../request/ask-policies.ts";
import type { UpgradeDecision } from "../request/decision.ts";
import type { Routed } from "../request/exchange.ts";
import { Holdings } from "../request/holdings.ts";
import { type IdentifyOptions, identify } from "../request/identify.ts";
import { type Refusal, type Refused, refusalOfError, refused } from "../request/refusal.ts";
import { findRoute } from "../request/route.ts";
import { earliestExpiry } from "../request/terms.ts";
import {
  type ConnectionPolicies,
  type ProcessPolicies,
  takePolicies,
} from "../routes/connection-policies.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import type { Router } from "../routes/router.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { AcceptedUpgrade } from "./accepted-upgrade.ts";
import type { Agreement } from "./agree-with-server.ts";
import { ClientWatch } from "./client-watch.ts";
import { badHandshake, checkHandshake } from "./handshake.ts";
import type { HeldUpgrade } from "./hold/held-upgrade.ts";
import type { HoldRoom } from "./hold/hold-room.ts";
import { type Holding, prepareHold } from "./hold/prepare-hold.ts";
import { sampleMirror } from "./mirror-request.ts";
import { reachOrAsk } from "./reach-or-ask.ts";
import { refuseUpgrade } from "./refuse.ts";
import type { UpgradeObserver } from "./upgrade-observer.ts";
import { UpgradeReporter } from "./upgrade-reporter.ts";

export interface UpgradeHandlerOptions extends IdentifyOptions, ProcessPolicies {
  router(): Router<RouteRuntime>;
  readonly upstreams: Upstreams;
  readonly emit: EmitEvent;
  readonly observer: UpgradeObserver;
  readonly leases: RateLeases;
  isStopping(): boolean;
  /** Of this worker. */
  readonly holdRoom: HoldRoom;
  onAccepted(accepted: AcceptedUpgrade): void;
  onHeld(held: HeldUpgrade): void;
}

/** All stages have said yes. */
interface Agreed {
  readonly routed: Routed;
  readonly policies: ConnectionPolicies;
  readonly decision: UpgradeDecision;
  readonly agreement: Agreement | Holding;
}

/**
 * The pipeline whose ending is a 101: identify ─▶ handshake ─▶ route ─▶ admit ─▶ ask policies ─▶ agree with a server.
 * The client gets nothing before the server has agreed, unless a policy has it held until there is one.
 */
export function createUpgradeHandler(
  options: UpgradeHandlerOptions,
): (request: IncomingMessage, socket: Socket, head: Buffer, rules: UpgradeRules) => void {
  const { upstreams, emit, observer, holdRoom: room } = options;

  return (request, socket, head, rules) => {
    const exchange = identify(request, socket, options, rules);
    const reporter = new UpgradeReporter(exchange, emit, observer);
    const held = new Holdings();
    const client = new ClientWatch(socket);

    open().then(
      (result) => {
        client.end();
        if ("refusal" in result) reject(result.refusal);
        else accept(result);
      },
      (cause: unknown) => reject(refusalOfError(cause)),
    );

    async function open(): Promise<Agreed | Refused> {
      const fieldCount = request.rawHeaders.length / 2;
      if (fieldCount > rules.maxHeaders)
        return refused("ERR_TOO_MANY_HEADERS", `${fieldCount} header fields`);
      if (rules.isPipelined)
        return refused("ERR_BAD_HANDSHAKE", "the request ahead of it had no answer yet when it was sent");
      const handshake = checkHandshake(request);
      if (!handshake.ok) return badHandshake(handshake);
      const routed = findRoute(exchange, options.router());
      const notes = reporter.takeNotes();
      if ("refusal" in routed) return routed;
      const { leases } = options;
      // Nothing is awaited that is there: with a promise for each stage most of their work would be the promises.
      const admission = admitUpgrade(routed, { isStopping: options.isStopping(), leases });
      const admitted = admission instanceof Promise ? await admission : admission;
      if ("refusal" in admitted) return admitted;
      held.add(admitted.leave);
      const { runtime, context } = routed;
      const { headers } = context.request;
      const policies = takePolicies({ runtime, id: exchange.id, headers }, options);
      held.add(policies.release);
      const asked = whenOver(askPolicies(routed, policies.asked, notes), policies.asked.release);
      const decision = asked instanceof Promise ? await asked : asked;
      if ("refusal" in decision) return decision;
      const counted = admitted.countAttributes(decision.attributes);
      const full = counted instanceof Promise ? await counted : counted;
      if (full !== undefined) return full;
      const { subprotocols } = admitted;
      const { key } = handshake;
      const standAlone = mustStandAlone(routed.config, policies);
      const question = { routed, decision, key, subprotocols, standAlone, signal: client, notes };
      const reached = await reachOrAsk(question, policies, upstreams);
      if ("hold" in reached) notes?.phases.enter("answer");
      const agreement = "hold" in reached ? prepareHold(question, reached, { room, upstreams }) : reached;
      if ("refusal" in agreement) return agreement;
      if ("release" in agreement) held.add(agreement.release);
      return { routed, policies, decision, agreement };
    }

    function reject(refusal: Refusal): void {
      held.giveBack();
      const headers = withField([...(refusal.headers ?? []), ...rules.fields], exchange.requestId);
      reporter.refused(refusal, refuseUpgrade(socket, { ...refusal, headers }, exchange.id));
    }

    function accept({ routed, policies, decision, agreement }: Agreed): void {
      const { subprotocol, response } = agreement;
      const { attributes, types, terms } = decision;
      const expires = terms && earliestExpiry(terms);
      const accepted = "server" in agreement ? agreement : { ...agreement, ...NO_SERVER };
      const { server, extensions } = accepted;
      policies.settle();
      socket.write(formatHead("HTTP/1.1 101 Switching Protocols", response), "latin1");
      reporter.accepted(accepted);
      const upgrade = {
        id: exchange.id,
        runtime: routed.runtime,
        policies,
        generation: routed.generation,
        client: { socket, address: exchange.client },
        extensions,
        context: {
          ...routed.context,
          attributes,
          ...(expires !== undefined && { expires }),
          subprotocol,
          server: { url: server.url },
        },
        types,
        terms,
        sampleMirror: () => sampleMirror({ routed, decision }, subprotocol),
        isTraced: exchange.trace?.isSampled === true,
        held,
      };
      if ("server" in agreement) {
        const heads = { client: head, server: agreement.server.head };
        options.onAccepted({ ...upgrade, server: agreement.server, heads });
      } else options.onHeld({ ...agreement, upgrade, head });
    }
  };
}

/** Of a client that is held. */
const NO_SERVER = { server: { url: "" }, extensions: { header: undefined, deflate: {} } };

/** Of messages that depend on each other none may be dropped, nor read by itself. */
function mustStandAlone({ session: { rate } }: RouteConfig, { route }: ConnectionPolicies): boolean {
  return route.chain.length > 0 || rate.client?.action === "drop" || rate.server?.action === "drop";
}

function withField(fields: HeaderFields, field: readonly [string, string] | undefined): HeaderFields {
  if (field === undefined) return fields;
  return [...fields.filter(([name]) => name.toLowerCase() !== field[0]), field];
}
