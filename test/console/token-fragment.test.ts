import test from "ava";
import { takeToken } from "../../console/state/token-fragment.ts";

function open(address: string) {
  const shown: string[] = [];
  const history = {
    state: null,
    replaceState: (_state: unknown, _title: string, url: string) => void shown.push(url),
  };
  return { token: takeToken(new URL(address, "http://console"), history), shown };
}

test("the token is taken from the fragment, and from the address bar", (t) => {
  t.deepEqual(open("/traffic?route=a#token=abc-_123"), { token: "abc-_123", shown: ["/traffic?route=a"] });
  t.is(open("/#token=a+b/c==").token, "a+b/c==");
  t.is(open("/#token=a%2Bb").token, "a+b");
  t.deepEqual(open("/#token="), { token: undefined, shown: ["/"] });
});

test("any other fragment stays", (t) => {
  t.deepEqual(open("/traffic#row-3"), { token: undefined, shown: [] });
  t.deepEqual(open("/"), { token: undefined, shown: [] });
});
