import test from "ava";
import { wantsWorkerAhead } from "../../cli/worker-ahead.ts";

const wants = (line: string) => wantsWorkerAhead(line.split(" ").filter(Boolean));

test("a worker is started ahead where a gateway most likely has one", (t) => {
  for (const line of ["start", "dev --echo", "start --workers 4", "start --config a.json --port 0"])
    t.true(wants(line), line);
  const others = ["", "check", "test --watch", "start --help", "dev -h", "start --workers 0"];
  for (const line of [...others, "dev --workers=0", "dev --inspect hello", "dev --inspect=hello"])
    t.false(wants(line), line);
});
