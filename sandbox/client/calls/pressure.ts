import { HIGH_TIDE_BYTES } from "../../contract.ts";

/**
 * Bytes submitted and not settled; tells when a high tide has gone out. Without a getter, as all that each call passes: V8 takes
 * an object that is written down with one for a dictionary, whose methods are looked up at each call, and never inlined.
 */
export interface PressureGauge {
  bytes(): number;
  add(bytes: number): void;
  remove(bytes: number): void;
}

export function createPressureGauge(onDrained: () => void): PressureGauge {
  let bytes = 0;
  let peak = 0;
  return {
    bytes: () => bytes,
    add(more) {
      bytes += more;
      if (bytes > peak) peak = bytes;
    },
    remove(less) {
      bytes -= less;
      if (peak > HIGH_TIDE_BYTES && bytes < peak / 2) {
        peak = bytes;
        onDrained();
      } else if (bytes === 0) peak = 0;
    },
  };
}
