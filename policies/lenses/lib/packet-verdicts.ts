import type { CloseVerdict, MessageVerdict, NextTick } from "framegate/policy";
import { requireKnownNames } from "./known-names.ts";
import type { Maybe, PacketVerdict, Passed, Reading, Written } from "./protocol.ts";

/** As strict as verdicts of hooks are. */
const KEYS = ["content", "drop", "reply", "append", "close", "renew", "tick"];

type Write<Packet> = (packets: readonly Packet[], asTheyCame: ReadonlySet<Packet>) => readonly Written[];
type WriteBack<Packet> = (packets: readonly Packet[]) => readonly Written[];

/** What handlers say of the packets of one message, one after the other, and what that is for the message. */
export class PacketVerdicts<Own, Back> {
  readonly #write: Write<Own>;
  readonly #writeBack: WriteBack<Back>;
  readonly #after: readonly Written[];
  /** What takes the place of the packets so far. */
  readonly #left: Own[] = [];
  readonly #asTheyCame = new Set<Own>();
  /** What goes after the last of them. */
  #appended: readonly Own[] = [];
  readonly #replies: Back[] = [];
  /** Whether the message is written anew. */
  #isChanged: boolean;
  #close: CloseVerdict | undefined;
  #renew: PacketVerdict<Own, Back>["renew"];
  #tick: NextTick | undefined;

  constructor(write: Write<Own>, writeBack: WriteBack<Back>, { isPiece = false, after = [] }: Reading<Own>) {
    this.#write = write;
    this.#writeBack = writeBack;
    this.#isChanged = isPiece;
    this.#after = after;
  }

  /** @returns whether the connection ends with this packet */
  add(packet: Own, verdict: Maybe<PacketVerdict<Own, Back>>): boolean {
    if (this.#appended.length > 0) {
      this.#left.push(...this.#appended);
      this.#appended = [];
      this.#isChanged = true;
    }
    if (!verdict) {
      this.#leave(packet);
      return false;
    }
    const {
      content,
      drop,
      reply = [],
      append = [],
      close,
      renew,
      tick,
    } = requireKnownNames("a handler's verdict", verdict, KEYS);
    const isPassed = !drop && (content !== undefined || close === undefined);
    if (isPassed && content === undefined) this.#leave(packet);
    else if (content !== undefined && !drop) this.#left.push(content.body);
    if (!isPassed || content !== undefined) this.#isChanged = true;
    this.#appended = append;
    this.#replies.push(...reply);
    this.#close = close;
    this.#renew = renew ?? this.#renew;
    this.#tick = tick ?? this.#tick;
    return close !== undefined;
  }

  #leave(packet: Own): void {
    this.#left.push(packet);
    this.#asTheyCame.add(packet);
  }

  get passed(): Passed<Own> {
    return { left: this.#left, appended: this.#appended };
  }

  /** Undefined when all packets pass as they came. */
  sum(): MessageVerdict | undefined {
    const reply = this.#replies.length === 0 ? [] : this.#writeBack(this.#replies);
    const written = this.#written(this.#isChanged ? [...this.#left, ...this.#appended] : this.#appended);
    const bodies = [...written, ...this.#after];
    const [body] = bodies;
    const append = this.#isChanged ? bodies.slice(1) : bodies;
    const verdict: MessageVerdict = {
      ...(this.#isChanged && (body === undefined ? { drop: true } : { content: { body } })),
      ...(append.length > 0 && { append }),
      ...(reply.length > 0 && { reply }),
      ...(this.#close && { close: this.#close }),
      ...(this.#renew !== undefined && { renew: this.#renew }),
      ...(this.#tick !== undefined && { tick: this.#tick }),
    };
    return Object.keys(verdict).length === 0 ? undefined : verdict;
  }

  #written(packets: readonly Own[]): readonly Written[] {
    return packets.length === 0 ? [] : this.#write(packets, this.#asTheyCame);
  }
}
