import test from "ava";
import { shortfallOf } from "../../../../sandbox/client/jail/shortfall.ts";

const platform = "linux";
const all = {
  filter: Buffer.alloc(8),
  bwrap: "/bin/bwrap",
  setpriv: "/bin/setpriv",
  prlimit: "/bin/prlimit",
  libraries: ["/lib/libc"],
};

test("nothing is missing where bubblewrap works and limits can be set", (t) => {
  t.is(shortfallOf({ platform, kind: "bubblewrap", tools: all }), undefined);
});

test("what is missing is said with the next step", (t) => {
  const { bwrap, ...none } = all;
  const { prlimit, ...unbounded } = all;
  const { filter, ...unfiltered } = all;
  const say = (findings: Partial<Parameters<typeof shortfallOf>[0]>) =>
    shortfallOf({ platform, ...findings }) ?? "";
  t.regex(say({ platform: "darwin" }), /takes Linux, and this is darwin/);
  t.regex(say({ kind: "setpriv", tools: none }), /takes privileges .* was not found.*apt install bubblewrap/);
  t.regex(say({ tools: { libraries: [] } }), /does not wall .* was not found.*apt install bubblewrap/);
  t.regex(say({ kind: "bubblewrap", tools: unbounded }), /no limits .*prlimit.*apt install util-linux/);
  t.regex(say({ kind: "bubblewrap", tools: unfiltered }), /any system call.*only for x64 and arm64/);
  t.regex(say({ tools: { ...all, libraries: [] } }), /its loader does not tell them/);
  t.regex(
    say({ kind: "setpriv", tools: all, failure: "No permissions to create a new namespace" }),
    /does not work here \(No permissions to create a new namespace\)\. Allow user namespaces/,
  );
});
