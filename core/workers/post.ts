import type { WorkerDrain } from "../config/index.ts";
import { advancePost, NEW_POST, type PostEvent, type PostState } from "./post-state.ts";
import { type Worker, WorkerGoneError } from "./worker.ts";
import { watchWorker } from "./worker-watch.ts";

/** A place for one worker, which has a successor when it ends unasked. */
export interface Post {
  /**
   * Settles when the first worker serves. Rejects when a worker that is well says that it cannot,
   * and when many in a row have died: the post goes on trying even so.
   */
  readonly opened: Promise<void>;
  /** Undefined in the pause after one has ended. */
  readonly worker: Worker | undefined;
  stop(drain: WorkerDrain): Promise<void>;
}

export interface PostOptions {
  /** A worker that answers nothing for so long is killed; 0: never. */
  readonly silenceMs: number;
  hire(): Worker;
  /** It has begun: give it what it needs to serve. */
  equip(worker: Worker): Promise<void>;
  /** It is no more, whyever. */
  onGone(worker: Worker): void;
  /** It has ended unasked, and has a successor after the pause. */
  onDeath(death: WorkerDeath): void;
}

export interface WorkerDeath {
  /** `code 1`, `SIGKILL`, or what it could not do, or did not. */
  readonly how: string;
  /** Until its successor is started. */
  readonly pauseMs: number;
}

/** So many that end one after the other are no accident: whoever waits for the start waits no longer. */
const DEATHS_AT_START = 5;

export function createPost({ silenceMs, hire, equip, onGone, onDeath }: PostOptions): Post {
  const opened = Promise.withResolvers<void>();
  let isOpened = false;
  let state: PostState = NEW_POST;
  let worker: Worker | undefined;
  let pause: NodeJS.Timeout | undefined;
  void occupy();

  return {
    opened: opened.promise,
    get worker() {
      return worker;
    },
    async stop(drain) {
      clearTimeout(pause);
      take({ type: "stop" });
      opened.reject(new Error("the gateway is stopping"));
      await worker?.stop(drain);
    },
  };

  /** Looks after one worker until its end, and sees to the next: nobody else does. */
  async function occupy(): Promise<void> {
    const hired = hire();
    worker = hired;
    const service = serve(hired);
    let silence: string | undefined;
    const watch = watchWorker(hired, silenceMs, () => {
      silence = `it did not answer for ${silenceMs} ms (workerSilence), and was killed`;
      hired.kill();
    });
    const how = await hired.ended;
    watch.stop();
    const { since, fault } = await service;
    worker = undefined;
    onGone(hired);
    take({ type: "ended", servedMs: since === undefined ? 0 : performance.now() - since });
    rest(fault ?? silence ?? how);
  }

  async function serve(hired: Worker): Promise<{ readonly since?: number; readonly fault?: string }> {
    try {
      await hired.begun;
      await equip(hired);
      take({ type: "served" });
      isOpened = true;
      opened.resolve();
      return { since: performance.now() };
    } catch (error) {
      if (error instanceof WorkerGoneError) return {};
      // At the start it is for whoever waits to give up; later what is wrong may pass, so the next one tries.
      if (isOpened) hired.kill();
      opened.reject(error);
      return { fault: (error as Error).message };
    }
  }

  function rest(how: string): void {
    if (state.at !== "pausing") return;
    const { failures, pauseMs } = state;
    if (failures === DEATHS_AT_START) {
      opened.reject(new WorkerGoneError(`${failures} workers ended one after the other (${how})`));
    }
    onDeath({ how, pauseMs });
    pause = setTimeout(() => {
      take({ type: "rested" });
      void occupy();
    }, pauseMs);
  }

  function take(event: PostEvent): void {
    state = advancePost(state, event);
  }
}
