import test from "ava";
import { createRowList, type Row } from "../../console/state/row-list.ts";

const row = (seq: number, time = seq): Row => ({
  ...{ kind: "gap", of: "frame", seq, time, after: seq, skipped: 1 },
});
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index));
const seqs = (rows: readonly Row[]) => rows.map(({ seq }) => seq);

test("rows of two feeds that come out of order lie in order, none twice", (t) => {
  const list = createRowList(100);
  list.append([row(1), row(4)]);
  list.append([row(2), row(3), row(4), row(5)]);
  t.deepEqual(seqs(list.rows), [1, 2, 3, 4, 5]);
  t.is(list.newestSeq, 5);
  t.is(list.firstIndex, 0);
});

test("a full list gives up its oldest when newer come, its newest when older come", (t) => {
  const list = createRowList(100);
  t.false(list.append(range(1001, 1100)));
  t.true(list.append([row(1101)]));
  t.is(list.newestSeq, 1101);
  t.is(list.rows[0]!.seq, 1001 + list.firstIndex);
  t.true(list.rows.length <= 100);

  const before = list.firstIndex;
  t.true(list.prepend(range(901, 1000)));
  t.is(list.firstIndex, before - 100);
  t.deepEqual(seqs(list.rows), seqs(range(901, 1000)));
});

test("a row is put where it belongs, and removed", (t) => {
  const list = createRowList(100);
  const gap = row(2.5);
  list.append([row(1), row(2), gap, row(5)]);
  list.remove(gap);
  list.insert(row(3));
  list.insert(row(3));
  t.deepEqual(seqs(list.rows), [1, 2, 3, 5]);
  list.remove(gap);
  t.is(list.rows.length, 4);
});

test("rows of several machines are in the order of their time, and none is passed over by what goes", (t) => {
  const list = createRowList(20);
  const late = Array.from({ length: 20 }, (_, index) =>
    row(101 + index, 1000 + (index % 2 === 0 ? index : -index)),
  );
  list.append(late);
  const times = () => list.rows.map(({ time }) => time);
  t.deepEqual(
    times(),
    times().toSorted((a, b) => a - b),
  );
  t.deepEqual([list.oldestSeq, list.newestSeq], [101, 120]);
  list.append([row(121, 990)]);
  t.deepEqual(
    times(),
    times().toSorted((a, b) => a - b),
  );
  const gone = late.filter((each) => !list.rows.includes(each));
  t.true(gone.length > 0 && gone.every(({ seq }) => seq < list.oldestSeq), "older ones are asked for again");

  t.true(list.prepend([row(99, 5), row(100, 992)]));
  t.deepEqual(
    times(),
    times().toSorted((a, b) => a - b),
  );
  t.true(list.newestSeq < 121, "so are the newest, which went");
});
