import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { Acceptors } from "../../core/listen/acceptors.ts";
import { type BoundAddress, isShareable } from "../../core/listen/address-handle.ts";
import { type Acceptor, SharedDoors } from "../../core/workers/doors/shared-doors.ts";
import { WorkerGoneError } from "../../core/workers/worker.ts";
import { planFor } from "../listen/plans.ts";

const never = new Promise<never>(() => {});
/** None of these workers is late. */
const PATIENCE_MS = 60_000;

/** A worker of this process: the handle that it accepts with is the very one of the door, not a copy. */
function hire(t: ExecutionContext) {
  const taken: string[] = [];
  const acceptors = new Acceptors((key: string, socket: Socket) => {
    taken.push(key);
    socket.end("taken");
  });
  t.teardown(() => acceptors.close());
  const accept = (key: string, { handle }: BoundAddress, backlog: number) =>
    acceptors.add(key, handle, backlog);
  return { accept, taken, ended: never };
}

async function knock(port: number): Promise<string> {
  const [bytes] = await once(connect(port, "127.0.0.1"), "data");
  return String(bytes);
}

/** With these workers. */
async function openShared(...workers: readonly Acceptor[]): Promise<SharedDoors> {
  const doors = new SharedDoors(PATIENCE_MS);
  for (const worker of workers) await doors.admit(worker);
  return doors;
}

test("whoever is there accepts at a door, and so does who comes later", async (t) => {
  const worker = hire(t);
  const doors = await openShared(worker);
  const { config } = planFor(0);
  t.true(isShareable(config));
  const door = await doors.open("a", config);
  t.is(await knock(door.address.port), "taken");
  t.deepEqual(worker.taken, ["a"]);

  const offered: string[] = [];
  const later = () => ({ accept: async (key: string) => void offered.push(key), ended: never });
  await doors.admit(later());
  door.close();
  await doors.admit(later());
  t.deepEqual(offered, ["a"]);
  await t.throwsAsync(knock(door.address.port), { code: "ECONNREFUSED" });
});

test("only who was admitted is asked, at each door once, and until it has gone", async (t) => {
  const offered: string[] = [];
  const worker = { accept: async (key: string) => void offered.push(key), ended: never };
  const doors = new SharedDoors(PATIENCE_MS);
  const open = async (key: string) => {
    const door = await doors.open(key, planFor(0).config);
    t.teardown(() => door.close());
  };
  await open("before");
  t.deepEqual(offered, []);
  await Promise.all([doors.admit(worker), open("meanwhile")]);
  await open("after");
  doors.dismiss(worker);
  await open("gone");
  t.deepEqual(offered, ["before", "meanwhile", "after"]);
});

test("a worker that has just ended is no reason not to open; an address that is in use, or cannot be listened on, is", async (t) => {
  const gone = {
    accept: () => Promise.reject(new WorkerGoneError("gone")),
    ended: Promise.resolve("SIGKILL"),
  };
  const inUseThere = Object.assign(new Error("it is in use"), { code: "EADDRINUSE" });
  const deaf = { accept: () => Promise.reject(inUseThere), ended: never };
  const door = await (await openShared(gone)).open("a", planFor(0).config);
  door.close();

  const inUse = createServer().listen(0, "127.0.0.1");
  t.teardown(() => inUse.close());
  await once(inUse, "listening");
  const { port } = inUse.address() as { port: number };
  const { config } = planFor(port);
  const error = await t.throwsAsync(new SharedDoors(PATIENCE_MS).open("a", config), { code: "EADDRINUSE" });
  t.is(error.message, `listen EADDRINUSE 127.0.0.1:${port}`);

  await t.throwsAsync((await openShared(deaf)).open("a", planFor(0).config), {
    code: "EADDRINUSE",
    message: /^listen 127\.0\.0\.1:\d+: it is in use$/,
  });
});

const unreachable: Readonly<Record<string, readonly [accept: () => Promise<void>, says: RegExp]>> = {
  "has lost what it was sent": [() => never, /: a worker has not accepted there within 20 ms$/],
  "could not be sent it": [
    () => Promise.reject(new WorkerGoneError("write EMFILE")),
    /: a worker cannot be given it: write EMFILE$/,
  ],
};

for (const [what, [accept, says]] of Object.entries(unreachable)) {
  test(`a worker that lives and ${what}: the door stays shut, and who comes later is told`, async (t) => {
    const doors = new SharedDoors(20);
    const worker = { accept, ended: never };
    const door = await doors.open("before", planFor(0).config);
    t.teardown(() => door.close());
    const error = await t.throwsAsync(doors.admit(worker), { message: /^a worker / });
    // Whoever looks after the worker ends it.
    t.false(error instanceof WorkerGoneError);

    const failure = await t.throwsAsync(doors.open("after", planFor(0).config), { message: says });
    const { port } = failure as unknown as { port: number };
    await t.throwsAsync(knock(port), { code: "ECONNREFUSED" });
  });
}

test("what the system shares out by itself, and files, are no shared doors", (t) => {
  const { config } = planFor(8080);
  t.false(isShareable({ ...config, reusePort: true }));
  t.false(isShareable({ ...config, socket: "/tmp/gateway.sock" }));
});
