import test from "ava";
import fc from "fast-check";
import { CallBatcher } from "../../../../sandbox/client/calls/call-batcher.ts";
import { Task } from "../../../../sandbox/client/calls/task.ts";
import { CALL_BYTES, CallRecords, MAX_BATCH, NO_CALL } from "../../../../sandbox/wire/call-record.ts";
import { type CallsEncoder, decodeCalls, type ReceivedCalls } from "../../../../sandbox/wire/calls.ts";
import { FrameWriter } from "../../../../sandbox/wire/frames.ts";
import { bodiesOf } from "../../wire/sent.ts";
import { callOf, instanceOf, policyOf, seatOf } from "../client-parts.ts";

/** A string that V8 does not keep apart. */
const HALF_A_PAGE = 128 * 1024;

test("property: messages go in frames whose texts V8 keeps with all others, unless one alone is larger", (t) => {
  const sizes = fc.array(fc.oneof(fc.nat(200), fc.nat(20_000), fc.nat(200_000)), { maxLength: 300 });
  const policy = policyOf("p");
  const seat = seatOf(policy);
  const instance = instanceOf(1);
  fc.assert(
    fc.property(sizes, fc.boolean(), (sizes, opensSeats) => {
      const out = new FrameWriter();
      const batcher = new CallBatcher();
      batcher.start({ out }, 1);
      for (const [id, size] of sizes.entries()) {
        const task = new Task(
          { ...callOf(), payload: { binary: false, bytes: Buffer.alloc(size, "a") } },
          seat,
          id,
        );
        task.send(id, instance, policy.track);
        if (opensSeats) batcher.openSeat(seat.index, "{}");
        batcher.call(task, false);
      }
      batcher.finish();
      const frames = bodiesOf(out, decodeCalls, 0);
      const ids: number[] = [];
      for (const { count, text, records } of frames) {
        t.true(count <= MAX_BATCH);
        const own = Array.from({ length: count }, (_, i) => records.id(i)).filter((id) => id !== NO_CALL);
        t.true(own.length > 0);
        t.true(own.length === 1 || text.length <= HALF_A_PAGE);
        ids.push(...own);
      }
      t.deepEqual(ids, [...sizes.keys()]);
    }),
    { numRuns: 50 },
  );
});

test("what is withheld takes no room: messages of any size go in one frame", (t) => {
  const policy = policyOf("p");
  const out = new FrameWriter();
  const batcher = new CallBatcher();
  batcher.start({ out }, 1);
  const bytes = Buffer.alloc(HALF_A_PAGE);
  for (const [id, binary] of [false, true, false, true].entries()) {
    const task = new Task({ ...callOf(), payload: { binary, bytes } }, seatOf(policy), id);
    task.send(id, instanceOf(1), policy.track);
    batcher.call(task, true);
  }
  batcher.finish();
  const [{ count, text, binary }, ...others] = bodiesOf(out, decodeCalls, 0) as [ReceivedCalls];
  t.deepEqual([others, count, text, binary], [[], 4, "", undefined]);
});

test("a host is asked to take a call that is alone without a frame, and an upgrade never", (t) => {
  const policy = policyOf("p");
  const out = new FrameWriter();
  const batcher = new CallBatcher();
  const asked: number[] = [];
  const takeLone = (batch: CallsEncoder, instance: number) => {
    asked.push(instance);
    return batch.takeLone(instance, new CallRecords(new ArrayBuffer(CALL_BYTES), 0, 1)) !== undefined;
  };
  for (const [index, hook] of (["client", "upgrade"] as const).entries()) {
    const instance = index + 1;
    batcher.start({ out, takeLone }, instance);
    const task = new Task(
      callOf(() => {}, hook, "{}"),
      seatOf(policy),
      instance,
    );
    task.send(instance, instanceOf(instance), policy.track);
    batcher.call(task, false);
    batcher.finish();
  }
  const framed = bodiesOf(out, decodeCalls, 0).map(({ instance }) => instance);
  t.deepEqual({ asked, framed }, { asked: [1], framed: [2] });
});
