import type { RecordingConfig } from "../../config/index.ts";
import type { RecordingSwitch, SwitchCount } from "./recording-switch.ts";
import { SwitchMeter } from "./switch-meter.ts";

/** That a session is recorded, and how. */
export interface RecordChoice {
  readonly keepBytes: number;
  /** What counts its records; undefined: the config says that it is recorded, and nobody counts. */
  readonly meter: SwitchMeter | undefined;
}

/** What is recorded: as operators have switched it, and else as the config says. */
export class RecordChoices {
  #ids = "";
  /** By route; "": all that have none of their own. */
  #switched = new Map<string, Switched>();

  /** @returns whether anything is otherwise than before */
  update(switches: readonly RecordingSwitch[]): boolean {
    const ids = switches.map(({ id }) => id).join();
    if (ids === this.#ids) return false;
    this.#ids = ids;
    const before = new Map([...this.#switched.values()].map((each) => [each.id, each]));
    this.#switched = new Map(
      switches.map((each) => [each.route ?? "", before.get(each.id) ?? readSwitch(each)]),
    );
    return true;
  }

  /**
   * @param session its number
   * @param route undefined: it has come to none
   * @param configured what the route or the listener says
   */
  of(session: number, route: string | undefined, configured: RecordingConfig): RecordChoice | undefined {
    const switched = this.#find(route);
    if (switched === undefined)
      return configured !== false && isInSample(session, configured.sample)
        ? { keepBytes: configured.payloadBytes, meter: undefined }
        : undefined;
    const { sample, choice } = switched;
    return isInSample(session, sample) && !choice.meter.isFull ? choice : undefined;
  }

  counts(): readonly SwitchCount[] {
    return [...this.#switched.values()].map(({ id, choice }) => ({ id, records: choice.meter.records }));
  }

  #find(route: string | undefined): Switched | undefined {
    if (this.#switched.size === 0) return undefined;
    return (route === undefined ? undefined : this.#switched.get(route)) ?? this.#switched.get("");
  }
}

interface Switched {
  readonly id: number;
  readonly sample: number;
  readonly choice: RecordChoice & { readonly meter: SwitchMeter };
}

function readSwitch({ id, sample, payloadBytes, maxRecords }: RecordingSwitch): Switched {
  return { id, sample, choice: { keepBytes: payloadBytes, meter: new SwitchMeter(maxRecords) } };
}

/** Knuth's multiplicative hash: ids are counted up, and samples should not be runs of them. */
export function isInSample(session: number, share: number): boolean {
  const spread = Math.imul(session + 1, 2654435761) >>> 0;
  return spread / 2 ** 32 < share;
}
