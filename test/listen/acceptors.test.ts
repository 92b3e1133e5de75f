import { once } from "node:events";
import { connect } from "node:net";
import test from "ava";
import { Acceptors } from "../../core/listen/acceptors.ts";
import { bindAddress } from "../../core/listen/address-handle.ts";
import { planFor } from "./plans.ts";

test("who has stopped accepts at no address that it is still given, and lets go of it", async (t) => {
  const acceptors = new Acceptors((_, socket) => socket.end("taken"));
  const { handle, port } = await bindAddress(planFor(0).config);
  acceptors.close();
  await acceptors.add("late", handle, 10);

  const client = connect(port, "127.0.0.1");
  await t.throwsAsync(once(client, "connect"), { code: "ECONNREFUSED" });
});
