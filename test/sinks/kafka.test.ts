import test from "ava";
import { eventually } from "../support/eventually.ts";
import { type ArrivedRecord, configOf, openSinks, sessionOf, testSinkContract } from "./support/contract.ts";
import { startKafkaBroker } from "./support/kafka-broker.ts";

testSinkContract("kafka", async (t) => {
  const broker = await startKafkaBroker(t, "framegate-traffic");
  return {
    input: { kafka: { brokers: [broker.address] } },
    read: async () => broker.messages.map(({ value }) => JSON.parse(value) as ArrivedRecord),
    stop: broker.stop,
    start: broker.start,
  };
});

test("kafka: what has the same session has the same key, without compression too, and a topic that is not there is named", async (t) => {
  const broker = await startKafkaBroker(t, "traffic");
  const brokers = [broker.address];
  const { sinks } = openSinks(t, { kafka: { brokers, topic: "traffic", compression: "none" } });
  sinks.take(sessionOf(1, 1));
  sinks.take(sessionOf(2, 1));
  await sinks.close();
  t.deepEqual(
    broker.messages.map(({ key }) => key),
    ["w1-1", "w1-1", "w1-1", "w1-2", "w1-2", "w1-2"],
  );
  const other = openSinks(t, { kafka: { brokers, topic: "nothing" } });
  await eventually("the problem", () => other.sinks.stats()[0]!.problem !== "");
  t.true(other.sinks.stats()[0]!.problem.startsWith(`${broker.address}: `));
  t.log(other.sinks.stats()[0]!.problem);
});

test("kafka: a password is not shown to whoever listens", (t) => {
  const kafka = { brokers: ["k.test:9092"], sasl: { user: "u", mechanism: "PLAIN", password: { env: "X" } } };
  t.throws(() => configOf({ kafka }), { message: /sinks\[0\]\.kafka\.sasl: expected SCRAM, or `tls`/ });
  t.notThrows(() => configOf({ kafka: { ...kafka, tls: true } }));
});
