import test from "ava";
import { ConfigError, resolveConfig } from "../../../core/config/index.ts";

const endpoint = "http://127.0.0.1:4318/v1/traces";
const resolve = (telemetry: unknown) => resolveConfig({ telemetry }, { dir: "/" });

test("without telemetry there are no traces", (t) => {
  for (const config of [resolveConfig({}, { dir: "/" }), resolve({})]) t.false("traces" in config);
});

test("traces need an endpoint and have defaults for the rest", (t) => {
  t.deepEqual(resolve({ traces: { endpoint } }).traces, {
    ...{ endpoint, headers: {}, sample: 1, messages: 0, service: "framegate" },
  });
  const all = { endpoint, headers: { "api-key": "a" }, sample: 0.25, messages: 0.01, service: "edge" };
  t.deepEqual(resolve({ traces: all }).traces, all);
});

for (const [traces, path, message] of [
  [{}, "telemetry.traces.endpoint", /expected an http or https URL .*, but it is missing/],
  [{ endpoint: "collector:4318" }, "telemetry.traces.endpoint", /expected an http or https URL/],
  [{ endpoint: "grpc://collector" }, "telemetry.traces.endpoint", /expected an http or https URL/],
  [{ endpoint, sample: 1.5 }, "telemetry.traces.sample", /expected a number from 0 to 1, got 1.5/],
  [{ endpoint, messages: 2 }, "telemetry.traces.messages", /expected a number from 0 to 1, got 2/],
  [{ endpoint, sample: "10%" }, "telemetry.traces.sample", /expected a number from 0 to 1, got "10%"/],
  [{ endpoint, headers: { a: 1 } }, "telemetry.traces.headers.a", /expected a header's value, got 1/],
  [{ endpoint, service: "" }, "telemetry.traces.service", /expected a name, got ""/],
] as const) {
  test(`traces of ${JSON.stringify(traces)} are refused`, (t) => {
    const error = t.throws(() => resolve({ traces }), { instanceOf: ConfigError });
    t.is(error.problems[0]!.path, path);
    t.regex(error.problems[0]!.message, message);
  });
}
