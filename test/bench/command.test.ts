import test from "ava";
import { allColumns } from "../../bench/columns/all.ts";
import { makeMessage } from "../../bench/load/message.ts";
import { allPeers } from "../../bench/peers/all.ts";
import { chooseColumns, chooseRows, parseCommand } from "../../bench/rig/command.ts";
import { placesOf } from "../../bench/rig/goal-places.ts";
import { goals } from "../../bench/rig/goals.ts";
import { summaryPlaces } from "../../bench/rig/summary.ts";

const tree = { root: "/nowhere", main: "main.js", node: "node", suffix: "" };
const extent = {
  seconds: 1,
  warmSeconds: 1,
  restSeconds: 1,
  idleConnections: 1,
  firstUpgrades: 1,
  warmUpgrades: 1,
  warmMessages: 1,
  warmLone: 1,
};

test("names of rows and columns are there once", (t) => {
  const rows = allPeers([tree]).map(({ id }) => id);
  const columns = allColumns(extent).map(({ id }) => id);
  t.is(new Set(rows).size, rows.length);
  t.is(new Set(columns).size, columns.length);
});

test("each goal is about rows, columns and figures that there are", (t) => {
  const peers = allPeers([tree]);
  const columns = allColumns(extent);
  for (const goal of goals) {
    const { what } = goal;
    for (const { row, column, figure } of placesOf([goal])) {
      const peer = peers.find(({ id }) => id === row);
      const found = columns.find(({ id }) => id === column);
      t.true(
        found?.group.figures.some(({ key }) => key === figure),
        `${what}: ${column}, ${figure}`,
      );
      t.not(peer, undefined, `${what}: ${row}`);
      t.true(peer?.only?.includes(column) ?? found?.suits(peer!), `${what}: ${row} has no ${column}`);
    }
  }
});

test("rows and columns are the usual ones, all, or those that were asked for", (t) => {
  const peers = allPeers([tree, { ...tree, suffix: "@old" }]);
  const choose = (...args: string[]) => {
    const command = parseCommand(args);
    return {
      rows: chooseRows(command, peers).map(({ id }) => id),
      columns: chooseColumns(command).map(({ id }) => id),
    };
  };
  t.true(choose().rows.length < choose("--full").rows.length);
  t.true(choose().columns.length < choose("--full").columns.length);
  t.deepEqual(choose("--rows", "looks,ws", "--compare", "old", "--columns", "rest,3Kx7x2,64x1x1b,64x1x1s"), {
    rows: ["ws", "looks", "looks@old"],
    columns: ["rest", "3Kx7x2", "64x1x1b", "64x1x1s"],
  });
});

test("for the goals, each row is measured in those columns only that goals and the table of the README are about", (t) => {
  const command = parseCommand(["--goals"]);
  const rows = chooseRows(command, allPeers([tree]));
  const columns = chooseColumns(command).map(({ id }) => id);
  const measured = rows.flatMap(({ id, only = [] }) => only.map((column) => `${id}, ${column}`));
  const places = [...placesOf(goals), ...summaryPlaces];
  const sorted = (names: readonly string[]) => [...new Set(names)].toSorted();
  t.deepEqual(sorted(measured), sorted(places.map(({ row, column }) => `${row}, ${column}`)));
  t.true(["three-2, rest", "nginx, idle", "deno, 1Kx50x32"].every((place) => measured.includes(place)));
  t.true(rows.every(({ only = [] }) => only.length > 0));
  t.deepEqual(sorted(columns), sorted(places.map(({ column }) => column)));
});

test("what is not there, or is no number, is refused by name", (t) => {
  t.throws(() => parseCommand(["--compare", "old", "--node", "/bin/node"]), { message: /leave out one/ });
  const peers = allPeers([tree]);
  t.throws(() => chooseRows(parseCommand(["--rows", "nobody"]), peers), { message: /--rows.*nobody/ });
  t.throws(() => chooseColumns(parseCommand(["--columns", "64x50"])), { message: /--columns.*64x50/ });
  t.throws(() => parseCommand(["--seconds", "soon"]), { message: /--seconds.*soon/ });
  t.throws(() => parseCommand(["--warm", "0"]), { message: /--warm.*0/ });
  t.throws(() => parseCommand(["--rounds", "0"]), { message: /--rounds.*0/ });
});

test("a message has its size, and a policy that parses and serialises leaves it as it was", (t) => {
  for (const bytes of [27, 64, 255, 256, 1024, 16 * 1024, 64 * 1024]) {
    const text = makeMessage(bytes);
    t.is(Buffer.byteLength(text), bytes);
    t.is(JSON.stringify(JSON.parse(text)), text);
  }
});
