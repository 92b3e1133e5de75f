import { scriptName } from "../../source-map.ts";
import { type DebuggerMessage, type Inspector, withSourceMap } from "./inspector.ts";
import type { ClientInstance } from "./instance.ts";

export interface InstanceLoadOptions {
  /** Tests only: the time that a policy sees when it is loaded. */
  testTime?(policy: string): number;
  readonly testSeed?: number | undefined;
  /** Development only. */
  readonly inspector?: Inspector | undefined;
}

/** Asks the host of an instance to load it; it says `loaded` when it has, or could not. */
export function createLoad({
  testTime,
  testSeed,
  inspector,
}: InstanceLoadOptions = {}): (instance: ClientInstance) => void {
  function loadPlainly({ id, host, runsOneByOne, deployment: { bundle } }: ClientInstance): void {
    const { code, name, own } = bundle;
    const time = testTime && { testTime: testTime(name) };
    const seed = testSeed !== undefined && { testSeed };
    const rights = own && { own };
    const how = {
      ...time,
      ...seed,
      ...rights,
      ...(runsOneByOne && { oneByOne: true as const }),
    };
    host?.send({ type: "load", instance: id, code, filename: scriptName(name), ...how });
  }

  function loadInspected(
    inspector: Inspector,
    { id: instance, host, deployment: { bundle } }: ClientInstance,
  ): void {
    const { name: policy, version, file } = bundle;
    const toHost = (message: DebuggerMessage) => ({ type: "inspector", instance, ...message }) as const;
    const send = (message: DebuggerMessage) => host?.send(toHost(message));
    const inspect = inspector.onLoad({ instance, policy, version, file, send }).map(toHost);
    const code = withSourceMap(bundle.code, bundle.sourceMap);
    host?.send({ type: "load", instance, code, filename: scriptName(policy), inspect });
  }

  return inspector === undefined ? loadPlainly : (instance) => loadInspected(inspector, instance);
}
