import type { Side } from "../../sandbox/contract/hooks.ts";
import { Leg, type LegOwner } from "./leg.ts";
import { otherSide } from "./lifecycle.ts";
import { Pump } from "./relay/pump.ts";
import type { PumpOwner } from "./relay/pump-options.ts";
import type { SessionSetup } from "./session-setup.ts";

/** Who hears of what happens on both legs. */
export interface LegsOwner extends LegOwner, PumpOwner {}

/** The two connections of a session, each with the pump that carries what its peer sends to the other. */
export function openLegs(setup: SessionSetup, owner: LegsOwner): Readonly<Record<Side, Leg>> {
  const client = openLeg(setup, "client", owner);
  const server = openLeg(setup, "server", owner);
  client.join(server, openPump(setup, client, server, owner));
  server.join(client, openPump(setup, server, client, owner));
  return { client, server };
}

function openLeg(setup: SessionSetup, side: Side, owner: LegOwner): Leg {
  const { sockets, rates, mirror, rules, shared } = setup;
  return new Leg({
    side,
    socket: sockets[side],
    fullBytes: rules.session.slowConsumer.bufferedBytes,
    rate: rates[side],
    copy: mirror?.[otherSide(side)],
    shared,
    owner,
  });
}

function openPump(setup: SessionSetup, sender: Leg, receiver: Leg, owner: PumpOwner): Pump {
  const { deflate, rates, meters, seats, tap, sampler, rules, shared } = setup;
  const { keepalive, limits } = rules.session;
  const { side: origin } = sender;
  const isPinged = keepalive !== false && keepalive.legs.includes(origin);
  return new Pump({
    origin,
    chains: seats,
    outbox: receiver.outbox,
    limits: limits[origin],
    rate: rates[origin],
    meter: meters[origin],
    deflate: {
      // How this direction is compressed on the leg that it comes by, and on the one that it leaves by.
      from: deflate[origin]?.[origin],
      to: deflate[receiver.side]?.[origin],
      minBytes: rules.compression.minBytes,
      maxRatio: rules.compression.maxRatio,
    },
    maskKeys: origin === "client" ? shared.maskKeys : undefined,
    ownPong: isPinged ? shared.pingPayload : undefined,
    sink: tap?.[origin],
    sampler,
    clock: shared.deadlines,
    allocate: shared.allocate,
    allocateFrame: shared.allocateFrame,
    onError: rules.onError,
    owner,
  });
}
