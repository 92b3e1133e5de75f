import test from "ava";
import { OwnPlaces } from "../../core/leases/caps/own-places.ts";
import { createEntrances } from "../../core/listen/entrances.ts";
import { joinPlans, keysOf } from "../../core/listen/listener-key.ts";
import { Room } from "../../core/listen/room.ts";
import { at } from "../support/at.ts";
import { caller, planFor } from "./plans.ts";

/** Entrances that only note what they are told. */
function noted() {
  const notes: string[] = [];
  let count = 0;
  const entrances = createEntrances({
    createEntrance() {
      const number = ++count;
      return {
        take: (socket) => notes.push(`${socket} by ${number}`),
        close: () => notes.push(`close ${number}`),
        cutOff() {},
      };
    },
    room: new Room({ possible: 100, why: "", wanted: 0 }, new OwnPlaces()),
    emit() {},
  });
  const knock = (port: number, name: string): void =>
    entrances.take(at(keysOf([planFor(port)]), 0), caller(name, notes));
  return { entrances, notes, knock };
}

test("new settings are for those who come from then on; what has not changed stays", (t) => {
  const { entrances, notes, knock } = noted();
  entrances.apply([planFor(7), planFor(8)]);
  knock(7, "first");
  entrances.apply([planFor(7, "3s"), planFor(8)]);
  knock(7, "second");
  knock(8, "third");
  t.deepEqual(notes, ["first by 1", "close 1", "second by 3", "third by 2"]);
});

test("who comes for a listener that has gone is sent away", (t) => {
  const { entrances, notes, knock } = noted();
  entrances.apply([planFor(7)]);
  entrances.apply([]);
  knock(7, "late");
  t.deepEqual(notes, ["close 1", "late closed"]);
});

test("several listeners at ports that the system chooses are told apart, also among others", (t) => {
  const plans = [planFor(0), planFor(0), planFor(7)];
  t.is(new Set(keysOf(plans)).size, 3);
  t.deepEqual(
    keysOf(joinPlans([planFor(0), planFor(9)], plans)).sort(),
    [...new Set([...keysOf(plans), ...keysOf([planFor(9)])])].sort(),
  );
});
