import test from "ava";
import fc from "fast-check";
import { CALL_BYTES, CallRecords, MAX_BATCH } from "../../../sandbox/wire/call-record.ts";
import { JOURNAL_STATE, JournalPage } from "../../../sandbox/wire/journal.ts";

const note = fc.record({
  state: fc.constantFrom(...Object.values(JOURNAL_STATE)),
  instance: fc.nat(0x7fff_ffff),
  ids: fc.array(fc.integer({ min: -1, max: 0x7fff_ffff }), { maxLength: MAX_BATCH }),
});

function callsOf(ids: readonly number[]): CallRecords {
  const records = new CallRecords(new ArrayBuffer(MAX_BATCH * CALL_BYTES), 0, MAX_BATCH);
  const rest = {
    seat: 1,
    op: 1,
    isBinary: false,
    isWithheld: false,
    textLength: 1,
    size: 1,
    sequence: 1,
    time: 1,
  };
  for (const [i, id] of ids.entries()) records.write(i, { id, ...rest });
  return records;
}

test("the last note is what is read, from as many bytes of the file as it is said to have", (t) => {
  fc.assert(
    fc.property(fc.array(note, { minLength: 1, maxLength: 5 }), (notes) => {
      const page = new JournalPage();
      const file = new JournalPage();
      for (const { state, instance, ids } of notes) {
        const length = page.write(state, instance, callsOf(ids), ids.length);
        t.is(page.state, state);
        file.bytes.set(page.bytes.subarray(0, length));
      }
      t.deepEqual(file.read(), notes.at(-1));
    }),
  );
});

test("a file that nothing was written to is idle", (t) => {
  t.deepEqual(new JournalPage().read(), { state: JOURNAL_STATE.idle, instance: 0, ids: [] });
});
