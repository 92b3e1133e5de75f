import test from "ava";
import fc from "fast-check";
import { CallWindow } from "../../../../sandbox/client/policy/window.ts";

const MIB = 1024 * 1024;

test("so many calls, or so many bytes, close it until one comes back", (t) => {
  const many = new CallWindow();
  for (let order = 1; order <= 4096; order++) {
    t.true(many.isOpen);
    many.enter(order, 1, false);
  }
  t.false(many.isOpen);
  many.leave(1, 1, false);
  t.true(many.isOpen);

  const large = new CallWindow();
  large.enter(1, 4 * MIB, false);
  t.false(large.isOpen);
  large.leave(1, 4 * MIB, false);
  t.true(large.isOpen);
});

test("a call that is alone closes it until it is pending, or back", (t) => {
  const window = new CallWindow();
  window.enter(1, 0, true);
  t.false(window.isOpen);
  window.wait(1);
  t.true(window.isOpen);
  window.enter(2, 0, true);
  window.leave(1, 0, true);
  t.false(window.isOpen);
  window.leave(2, 0, false);
  t.true(window.isOpen);
});

test("property: when all have come back, in whatever order, nothing is left in the books", (t) => {
  const calls = fc.array(fc.record({ bytes: fc.nat(MIB), isAlone: fc.boolean(), isPending: fc.boolean() }));
  fc.assert(
    fc.property(calls, fc.infiniteStream(fc.nat()), (calls, picks) => {
      const window = new CallWindow();
      const open = calls.map((call, index) => ({ ...call, order: index + 1 }));
      for (const { order, bytes, isAlone, isPending } of open) {
        window.enter(order, bytes, isAlone);
        if (isPending) window.wait(order);
      }
      t.is(window.running, calls.filter(({ isPending }) => !isPending).length);
      while (open.length > 0) {
        const [call] = open.splice((picks.next().value ?? 0) % open.length, 1);
        if (call !== undefined) window.leave(call.order, call.bytes, call.isPending);
      }
      t.deepEqual([window.calls, window.bytes, window.running, window.isOpen], [0, 0, 0, true]);
    }),
  );
});
