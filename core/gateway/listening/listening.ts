import type { ChallengeAnswers } from "../../acme/order.ts";
import type { ListenerConfig } from "../../config/index.ts";
import { listenError } from "../../errors.ts";
import { createFileWatch } from "../../file-watch.ts";
import type { FleetChallenges } from "../../fleet/challenges.ts";
import { type CertificateEnd, certificateEnds } from "../../listen/certificate-ends.ts";
import type { ListenerAddress, ListenerPlan } from "../../listen/listener-plan.ts";
import { planListeners, renewPlans, withChallenges, withFleet } from "../../listen/listener-planning.ts";
import { tlsFilesOf } from "../../listen/tls-material.ts";
import type { Logger } from "../../log.ts";
import type { PoolPlan, WorkerPool } from "../../workers/worker-pool.ts";
import { createCertificateOrders } from "./certificate-orders.ts";

/** Where the gateway listens, and the certificates of that, which are renewed when their files change. */
export interface Listening {
  /** Start the pool. Rejects with a GatewayError, `ERR_LISTEN` or `ERR_TLS`. */
  start(listen: readonly ListenerConfig[], plan: PoolPlan): Promise<void>;
  /** Listen on these and no others. Rejects as `start` does: everything is as it was then. */
  change(listen: readonly ListenerConfig[]): Promise<void>;
  addresses(): readonly ListenerAddress[];
  /** Those in use, and when they end. */
  certificates(): readonly CertificateEnd[];
  /** Certificates are renewed no longer; the pool stops the listeners. */
  close(): void;
}

export interface ListeningOptions {
  readonly pool: Pick<WorkerPool, "start" | "listen">;
  readonly logger: Logger;
  /** Undefined: there is no fleet. */
  readonly shared: Pick<FleetChallenges, "share"> | undefined;
}

/** What is in use. */
interface Bound {
  readonly listen: readonly ListenerConfig[];
  readonly plans: readonly ListenerPlan[];
  readonly addresses: readonly ListenerAddress[];
}

export function createListening({ pool, logger, shared }: ListeningOptions): Listening {
  const files = createFileWatch(() => void inTurn(renewCertificates));
  const orders = createCertificateOrders({ logger, answer });
  let challenges: ListenerPlan["challenges"];
  let bound: Bound = { listen: [], plans: [], addresses: [] };
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  return {
    async start(listen, plan) {
      const plans = await planAll(listen);
      await bind(listen, plans, () => pool.start(plan, plans));
    },
    change: (listen) =>
      inTurn(async () => {
        const planned = await planAll(listen);
        const plans = planned.map((plan) => withChallenges(plan, challenges));
        await bind(listen, plans, () => pool.listen(plans));
      }),
    addresses: () => bound.addresses,
    certificates: () => certificateEnds(bound.plans),
    close() {
      isClosed = true;
      files.close();
      orders.close();
    },
  };

  async function bind(
    listen: readonly ListenerConfig[],
    plans: readonly ListenerPlan[],
    open: () => Promise<readonly ListenerAddress[]>,
  ): Promise<void> {
    const addresses = await open().catch((error) => {
      throw listenError(error, listen);
    });
    bound = { listen, plans, addresses };
    files.follow(listen.flatMap(tlsFilesOf));
    orders.follow(listen);
  }

  async function planAll(listen: readonly ListenerConfig[]): Promise<readonly ListenerPlan[]> {
    const plans = await planListeners(listen);
    return shared === undefined ? plans : withFleet(plans);
  }

  /** Settles when all workers answer so, and the others of the fleet can. */
  async function answer(answers: ChallengeAnswers): Promise<void> {
    await shared?.share(answers).catch(({ message }: Error) => {
      if (isClosed || Object.keys(answers).length === 0) return;
      logger.warn(
        { problem: message },
        "the fleet does not know what authorities are answered: they have to ask this machine",
      );
    });
    await inTurn(async () => {
      challenges = Object.keys(answers).length === 0 ? undefined : answers;
      const { listen } = bound;
      const plans = bound.plans.map((plan) => withChallenges(plan, challenges));
      if (!isClosed) await bind(listen, plans, () => pool.listen(plans));
    });
  }

  async function renewCertificates(): Promise<void> {
    const { listen, plans } = bound;
    const renewed = await renewPlans(plans, ({ message }) =>
      logger.error(`certificates not reloaded, the last good ones stay: ${message}`),
    );
    if (renewed === undefined || isClosed) return;
    try {
      await bind(listen, renewed, () => pool.listen(renewed));
      logger.info("certificates reloaded");
    } catch (error) {
      logger.error(`certificates not reloaded: ${(error as Error).message}`);
    }
  }

  /** Certificates and configs, each a set of listeners, one after the other. */
  function inTurn(task: () => Promise<void>): Promise<void> {
    const done = last.then(task);
    last = done.catch(() => {});
    return done;
  }
}
