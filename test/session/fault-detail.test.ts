import test from "ava";
import { faultDetail } from "../../core/session/fault-detail.ts";

test("a limit is told with its option, any other fault as it is", (t) => {
  t.is(faultDetail("message too big"), "message too big (`maxMessageSize` of the route)");
  t.is(faultDetail("frame too big"), "frame too big (`limits.maxFrameSize` of the route)");
  t.is(faultDetail("inflates too much"), "inflates too much (`compression.maxRatio` of the route)");
  for (const reason of ["", "constructor", "reserved bits set"]) t.is(faultDetail(reason), reason);
});
