import test from "ava";
import { flushHosts } from "../../../../sandbox/client/transport/flush-hosts.ts";
import { FakeHost } from "../fake-host.ts";

test("the host in this process is flushed last", (t) => {
  const flushed: string[] = [];
  const hostOf = (name: string, pid: number) =>
    Object.assign(new FakeHost(), { pid, flush: () => void flushed.push(name) });
  flushHosts([hostOf("embedded", process.pid), hostOf("one", 1), hostOf("other", 2)]);
  t.deepEqual(flushed, ["one", "other", "embedded"]);
});
