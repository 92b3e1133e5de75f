import { shareSandbox } from "../sandbox/shared-sandbox.ts";
import { bodyOf } from "../sandbox/support.ts";
import { test } from "../sandbox/transports.ts";
import { replacements } from "./support.ts";

const useSandbox = shareSandbox({ limits: { memoryLimitMb: 16 } });
const innocent = "export const client = ({ content }) => ({ content: { body: content.json() } });";

// Pieces of 64 KiB: a result of 1 MiB is copied twice on its way, and which copy does not fit any more is the engine's affair.
for (const left of [20, 36, 44]) {
  test.serial(
    `bytes made where there is room for ${left} pieces of them cost an isolate at most`,
    async (t) => {
      const fixture = await useSandbox();
      const attacker = `attacker-${left}`;
      await fixture.use("innocent", innocent);
      await fixture.use(
        attacker,
        `export const client = async ({ content }) => {
        if (content.body !== "attack") return { content: { body: content.json() } };
        await new Promise((resolve) => setTimeout(resolve, 1));
        const hoard = (globalThis.hoard = []);
        try { for (;;) hoard.push(new Uint8Array(65536)); } catch {}
        hoard.length -= ${left};
        const body = new Uint8Array(1024 * 1024);
        hoard.push(body);
        return { content: { body } };
      };`,
      );
      const [attacking, neighbour] = [fixture.seat(attacker), fixture.seat("innocent")];
      const attack = attacking.client("attack");
      t.is(bodyOf(await neighbour.client(1)), 1);
      const outcome = await attack;
      const { kind } = outcome;
      t.true(kind === "fault" || kind === "message");
      t.is(bodyOf(await attacking.client(2)), 2);
      t.is(bodyOf(await neighbour.client(3)), 3);
      t.is(replacements(fixture).hosts, 0);
    },
  );
}
