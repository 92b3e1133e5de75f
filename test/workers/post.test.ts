import test, { type ExecutionContext } from "ava";
import { createPost, type PostOptions } from "../../core/workers/post.ts";
import { type Worker, WorkerGoneError } from "../../core/workers/worker.ts";
import { at } from "../support/at.ts";
import { eventually } from "../support/eventually.ts";

const drain = { code: 1001, spreadMs: 0, timeoutMs: 1 } as const;

/** Workers that begin and end when they are told. */
function staged(t: ExecutionContext, equip: PostOptions["equip"] = async () => {}) {
  const workers: ReturnType<typeof stagedWorker>[] = [];
  const deaths: string[] = [];
  let gone = 0;
  const post = createPost({
    silenceMs: 0,
    hire() {
      const worker = stagedWorker();
      workers.push(worker);
      return worker.worker;
    },
    equip,
    onGone: () => gone++,
    onDeath: ({ how }) => deaths.push(how),
  });
  post.opened.catch(() => {});
  t.teardown(() => post.stop(drain));
  const hired = (index: number) => eventually(`worker ${index}`, () => workers[index]);
  return { post, workers, deaths, hired, gone: () => gone };
}

function stagedWorker() {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const end = (how: string): void => {
    begun.reject(new WorkerGoneError(how));
    ended.resolve(how);
  };
  const worker = {
    begun: begun.promise,
    ended: ended.promise,
    stop: async () => end("stopped"),
    kill: () => end("SIGKILL"),
  } as unknown as Worker;
  return { worker, begin: begun.resolve, end };
}

test("a worker that dies at the start is tried again, and whoever waits for it hears nothing of that", async (t) => {
  const { post, deaths, hired } = staged(t);
  (await hired(0)).end("code 1");
  (await hired(1)).begin();
  await post.opened;

  t.deepEqual(deaths, ["code 1"]);
});

test("a worker that dies while it is being equipped has one successor", async (t) => {
  let isFirst = true;
  const { post, workers, deaths, hired, gone } = staged(t, async () => {
    if (!isFirst) return;
    isFirst = false;
    at(workers, 0).end("SIGKILL");
    throw new WorkerGoneError("the worker ended (SIGKILL)");
  });
  (await hired(0)).begin();
  (await hired(1)).begin();
  await post.opened;

  at(workers, 1).end("SIGKILL");
  await hired(2);
  t.is(workers.length, 3);
  t.is(gone(), 2);
  t.deepEqual(deaths, ["SIGKILL", "SIGKILL"]);
});

test("a worker that is well and cannot serve: at the start an error at once, later one more try", async (t) => {
  const refusal = new Error("in use");
  const first = staged(t, async () => Promise.reject(refusal));
  (await first.hired(0)).begin();
  t.is(await t.throwsAsync(first.post.opened), refusal);
  t.is(first.workers.length, 1);

  let count = 0;
  const later = staged(t, async () => {
    if (++count === 2) throw refusal;
  });
  for (const index of [0, 1, 2]) {
    (await later.hired(index)).begin();
    if (index === 0) {
      await later.post.opened;
      at(later.workers, 0).end("code 1");
    }
  }
  t.deepEqual(later.deaths, ["code 1", "in use"]);
});

test("many deaths in a row at the start are told to whoever waits, and the post goes on", async (t) => {
  const { post, hired } = staged(t);
  for (const index of [0, 1, 2, 3, 4]) (await hired(index)).end("code 7");
  await t.throwsAsync(post.opened, { instanceOf: WorkerGoneError, message: /5 workers .* \(code 7\)/ });
  t.truthy(await hired(5));
});

test("a post that is stopped ends its worker, who has no successor", async (t) => {
  const { post, workers, deaths, hired } = staged(t);
  (await hired(0)).begin();
  await post.opened;
  await post.stop(drain);
  await at(workers, 0).worker.ended;
  t.is(workers.length, 1);
  t.deepEqual(deaths, []);
  const starting = staged(t);
  await starting.hired(0);
  await starting.post.stop(drain);
  await t.throwsAsync(starting.post.opened, { message: /stopping/ });
});
