import { setTimeout } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import type { RouteInput } from "../../core/index.ts";
import { type LogRecord, startGateway, type TestGateway } from "./gateways/gateway.ts";
import { knockAt, namesOf, type PolicySetup, type PolicySetupOptions, startInboxes } from "./policies.ts";

/** What a test sees of a gateway that it shares: the log, without what is another test's. */
export type SharedGateway = Pick<TestGateway, "log" | "logged">;
export type SharedOptions = Omit<PolicySetupOptions, "config">;

export interface SharedSetup extends PolicySetup<SharedGateway> {
  /** What the log calls the test's route. */
  readonly route: string;
}

/** The tests of a file begin together, but some make keys first: for so long the gateway waits for them. */
const GATHERING_MS = 100;

/** By this header of its requests a test comes to its own route, whatever the path. */
const TEST_HEADER = "x-test";

interface Member {
  readonly route: RouteInput & { readonly name: string };
  readonly policies: Readonly<Record<string, string>>;
}

/** Tests that share a gateway. */
interface Party {
  readonly members: Member[];
  readonly gateway: Promise<TestGateway>;
  /** The last one stops the gateway. */
  leave(): Promise<void>;
}

/**
 * Starts policies as `startPolicies` does, for the tests of a file together: on one gateway, with a route, a server
 * and a view of the log for each test. A policy of one name must have one source in all of them. For tests that
 * neither write to the policy folder nor need a config of their own; one that comes late gets another gateway.
 */
export function sharePolicies() {
  let party: Party | undefined;
  let count = 0;
  return async (
    t: ExecutionContext,
    policies: Readonly<Record<string, string>>,
    { route = {}, onConnection }: SharedOptions = {},
  ): Promise<SharedSetup> => {
    const upstream = await startInboxes(t, onConnection);
    party ??= gather(() => {
      party = undefined;
    });
    const { members, gateway: starting, leave } = party;
    t.teardown(leave);
    const id = String(++count);
    const name = `test ${id}`;
    members.push({
      policies,
      route: {
        path: "/*",
        upstream: upstream.server.url,
        policies: namesOf(policies),
        ...route,
        name,
        match: { headers: { [TEST_HEADER]: id } },
      },
    });
    const gateway = await starting;
    const view = viewOf(gateway, name, new Set(namesOf(policies)));
    return { ...upstream, gateway: view, route: name, ...knockAt(t, gateway, { [TEST_HEADER]: id }) };
  };
}

function gather(onStart: () => void): Party {
  const members: Member[] = [];
  const teardowns: (() => unknown)[] = [];
  let left = 0;
  const start = async (): Promise<TestGateway> => {
    await setTimeout(GATHERING_MS);
    onStart();
    return startGateway(
      { teardown: (fn) => void teardowns.push(fn) },
      { policies: mergePolicies(members), routes: members.map(({ route }) => route) },
    );
  };
  return {
    members,
    gateway: start(),
    async leave() {
      if (++left === members.length) for (const teardown of teardowns.reverse()) await teardown();
    },
  };
}

function mergePolicies(members: readonly Member[]): Readonly<Record<string, string>> {
  const merged: Record<string, string> = {};
  for (const [file, source] of members.flatMap(({ policies }) => Object.entries(policies))) {
    const known = merged[file] ?? source;
    if (known !== source) {
      throw new Error(`two tests that share a gateway have a policy ${file}, with other sources: rename one`);
    }
    merged[file] = source;
  }
  return merged;
}

/** Without what is said of other tests' routes, and of policies that this one does not have. */
function viewOf(gateway: TestGateway, route: string, policies: ReadonlySet<string>): SharedGateway {
  const isOwn = (record: LogRecord): boolean =>
    record.route
      ? record.route === route
      : record.policy === undefined || policies.has(String(record.policy));
  return {
    get log() {
      return gateway.log.filter(isOwn);
    },
    logged: (fits) => gateway.logged((record) => isOwn(record) && fits(record)),
  };
}
