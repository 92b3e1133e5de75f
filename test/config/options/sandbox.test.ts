import test from "ava";
import { resolveConfig } from "../../../core/config/index.ts";

const route = { path: "/a", upstream: "ws://localhost:1" };

test("the largest message of any route and direction is what a policy may make", (t) => {
  const routes = [{ ...route, limits: { server: { maxMessageSize: "30MiB" } } }];
  t.is(resolveConfig({ routes }, { dir: "/" }).sandbox.limits.maxResultBytes, 30 * 1024 ** 2);
});
