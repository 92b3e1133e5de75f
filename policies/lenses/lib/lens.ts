import type { JsonObject, Message, MessageVerdict, Tick, Upgrade, When } from "framegate/policy";
import { type Handler, type Handlers, sortHandlers } from "./handlers.ts";
import { requireKnownNames } from "./known-names.ts";
import { PacketVerdicts } from "./packet-verdicts.ts";
import type {
  AnySession,
  Awaitable,
  Dialect,
  LensHandlers,
  Maybe,
  PacketVerdict,
  Protocol,
  ProtocolParts,
  Reading,
  SideName,
} from "./protocol.ts";

/** What a policy exports that a lens makes. A direction of which no packet has a handler has no hook. */
export interface LensHooks<Options = JsonObject, Session extends object = AnySession> {
  readonly upgrade?: Upgrade<Options>;
  readonly client?: Message<Options, Session>;
  readonly server?: Message<Options, Session>;
  readonly tick?: Tick<Options, Session>;
  readonly when?: When;
}

export interface LensOptions {
  /**
   * What becomes of a message that is not of the protocol: `close` (the default) ends the connection with the protocol's own code,
   * `drop` leaves it out, `pass` lets it through.
   */
  readonly foreign?: "close" | "drop" | "pass";
}

/** The hooks of a policy that calls these handlers. Throws at handlers of which nothing would be asked. */
export function createLens<Spoken extends Protocol, Options, Session extends object>(
  parts: ProtocolParts<Spoken>,
  given: LensHandlers<Spoken, Options, Session>,
  options: LensOptions,
): LensHooks<Options, Session> {
  const foreign = readForeign(parts.name, options);
  const sorted = sortHandlers(parts.name, given, parts.kinds);
  const hook = (from: SideName) => {
    const [dialect, other] = from === "client" ? [parts.client, parts.server] : [parts.server, parts.client];
    if (sorted[from].size === 0 && !parts.readsBoth) return undefined;
    return lensHook({ dialect, writeBack: other.write, handlers: sorted[from], foreign }, parts);
  };
  const client = hook("client");
  const server = hook("server");
  const filters = foreign === "pass" ? filtersOf(parts, sorted) : undefined;
  return {
    ...(parts.upgrade && { upgrade: parts.upgrade as Upgrade<Options> }),
    ...(client && { client: client as Message<Options, Session> }),
    ...(server && { server: server as Message<Options, Session> }),
    ...(filters && { when: filters }),
  };
}

const BECOMES = ["close", "drop", "pass"] as const;

function readForeign(lens: string, options: LensOptions): NonNullable<LensOptions["foreign"]> {
  const { foreign = "close" } = requireKnownNames(`the second parameter of ${lens}`, options, ["foreign"]);
  if (BECOMES.includes(foreign)) return foreign;
  throw new TypeError(
    `${lens}: expected \`foreign\` to be ${BECOMES.join(", ")}, got ${JSON.stringify(foreign)}`,
  );
}

/** Where all else passes in any case, it need not come here. */
function filtersOf<Spoken extends Protocol>(
  { client, server }: ProtocolParts<Spoken>,
  sorted: Readonly<Record<SideName, Handlers>>,
): When | undefined {
  const of = (from: SideName, dialect: Pick<Dialect<never>, "filter">) => {
    const filter = sorted[from].size > 0 ? dialect.filter?.([...sorted[from].keys()]) : undefined;
    return filter && { [from]: filter };
  };
  const when = { ...of("client", client), ...of("server", server) };
  return Object.keys(when).length === 0 ? undefined : when;
}

interface OneSide<Own, Back> {
  readonly dialect: Dialect<Own>;
  readonly writeBack: Dialect<Back>["write"];
  readonly handlers: Handlers;
  readonly foreign: NonNullable<LensOptions["foreign"]>;
}

/** A message of which no handler changes anything passes as the bytes that came. */
function lensHook<Own, Back>(
  { dialect, writeBack, handlers, foreign }: OneSide<Own, Back>,
  {
    name,
    subprotocol,
    otherwise = "",
  }: Pick<ProtocolParts<Protocol>, "name" | "subprotocol"> & { readonly otherwise?: string },
): Message {
  const handlerOf = (packet: Own) =>
    (handlers.get(dialect.kindOf(packet)) ?? handlers.get(otherwise)) as Handler<Own, Own, Back> | undefined;
  return (context) => {
    if (subprotocol !== undefined && !subprotocol.names.includes(context.websock.context.subprotocol))
      return { close: { ...subprotocol.close, rule: "subprotocol" } };
    let reading: Reading<Own>;
    try {
      reading = dialect.read(context);
    } catch (cause) {
      // Not what it was: errors of readers quote what clients have sent.
      if (foreign === "close")
        context.log.info(`what the ${context.frame.origin} has sent cannot be read as ${name}`);
      if (foreign === "pass") dialect.passForeign?.(cause, context);
      return refuse(dialect, foreign, cause);
    }
    const { packets } = reading;
    const verdicts = new PacketVerdicts<Own, Back>(
      (own, asTheyCame) => dialect.write(own, context, asTheyCame),
      (back) => writeBack(back, context, new Set()),
      reading,
    );
    for (const [index, packet] of packets.entries()) {
      const said = handlerOf(packet)?.(packet, context);
      if (isThenable(said)) return goOn(index, said);
      if (verdicts.add(packet, said)) break;
    }
    return conclude();

    function conclude(): MessageVerdict | undefined {
      const sum = verdicts.sum();
      if (sum?.close === undefined) dialect.settle?.(reading, verdicts.passed, context);
      return sum;
    }

    /** One handler after the other: packets keep their order, as messages do. */
    async function goOn(
      waiting: number,
      said: Promise<Maybe<PacketVerdict<Own, Back>>>,
    ): Promise<MessageVerdict | undefined> {
      let isEnded = verdicts.add(packets[waiting] as Own, await said);
      for (const packet of packets.slice(waiting + 1)) {
        if (isEnded) break;
        isEnded = verdicts.add(packet, await handlerOf(packet)?.(packet, context));
      }
      return conclude();
    }
  };
}

function refuse(
  { foreign: close, answerForeign }: Pick<Dialect<never>, "foreign" | "answerForeign">,
  becomes: NonNullable<LensOptions["foreign"]>,
  cause: unknown,
): MessageVerdict | undefined {
  const answer = becomes === "pass" ? undefined : answerForeign?.(cause);
  const reply = answer === undefined ? undefined : { reply: [answer] };
  switch (becomes) {
    case "close":
      return { ...reply, close: { ...close, rule: "foreign" } };
    case "drop":
      return { ...reply, drop: true };
    case "pass":
      return undefined;
  }
}

function isThenable<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
