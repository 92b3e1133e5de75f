import { faultOf, show, startSandbox } from "../sandbox/support.ts";
import { processTest } from "../sandbox/transports.ts";
import { replacements } from "./support.ts";

const CALLS = 32;
const GUILTY = 11;
/** More than it takes, since a busy machine may cost an isolate that nobody has lost; fewer than one for each call. */
const FEW = 8;

const hang = `
  let asked = 0;
  Array.prototype.indexOf.call({ get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } }, 1);`;

processTest(
  "of a batch of many sessions only the call that hangs fails, and the others do not wait for each other",
  async (t) => {
    const fixture = await startSandbox(t);
    await fixture.use(
      "hangs",
      `export const client = ({ content }) => { if (content.body === "hang") { ${hang} } return { content: { body: "fine" } }; };`,
    );
    const seats = Array.from({ length: CALLS }, () => fixture.seat("hangs"));
    /** All of one loop turn, and one of them hangs. @returns how often hosts were sent calls for that */
    const sendAll = async (): Promise<number> => {
      const sent = () => fixture.sandbox.stats().batches.upTo.reduce((sum, [, batches]) => sum + batches, 0);
      const before = sent();
      const outcomes = await Promise.all(seats.map(({ client }, i) => client(i === GUILTY ? "hang" : "ask")));
      for (const [i, outcome] of outcomes.entries()) {
        if (i === GUILTY) t.is(faultOf(outcome).reason, "killed");
        else t.deepEqual(show(outcome), { body: "fine" });
      }
      return sent() - before;
    };

    // The first time nobody knows which: all of them go again, each in an entry of its own.
    t.true((await sendAll()) < FEW);
    t.is(replacements(fixture).hosts, 2);
    // From now on that is how they go from the beginning.
    t.true((await sendAll()) < FEW);
    t.is(replacements(fixture).hosts, 3);
  },
);
