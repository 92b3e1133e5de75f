import test from "ava";
import { addPackGrants, wordGrantProblem } from "../../core/routes/pack-grants.ts";

const fetchOne = {
  hosts: ["api.example.com"],
  methods: ["GET"],
  maxRequestBytes: 65_536,
  maxResponseBytes: 1_048_576,
  timeoutMs: 2000,
  private: false,
};

test("what was agreed to for packs, in the form of the config's grants", (t) => {
  const agreed = {
    "@acme/guard/a": { fetch: { hosts: ["api.example.com"] } },
    "@acme/guard/b": { kv: { namespace: "@acme/guard" }, secrets: ["TOKEN"] },
    "@acme/guard/c": {},
  };
  t.deepEqual(addPackGrants({ own: { kv: {} } }, agreed), {
    grants: {
      own: { kv: {} },
      "@acme/guard/a": { fetch: fetchOne },
      "@acme/guard/b": { kv: { namespace: "@acme/guard" }, secrets: ["TOKEN"] },
    },
    problems: [],
  });
});

test("the config's word comes first, by name and by pattern", (t) => {
  const agreed = { "@acme/guard/a": { kv: true }, "@bank/guard/a": { kv: true } };
  const configured = { "@acme/*": { secrets: ["A"] }, "@bank/guard/a": {} };
  t.deepEqual(addPackGrants(configured, agreed).grants, configured);
});

test("what this gateway cannot grant is a problem, and is not granted", (t) => {
  const { grants, problems } = addPackGrants({}, { "@acme/guard/a": { shell: true } });
  t.deepEqual(grants, {});
  const message = '@acme/guard/a asks for what this gateway cannot grant: {"shell":true}';
  t.deepEqual(problems.map(wordGrantProblem), [{ inLog: message, inFiles: [{ place: "", message }] }]);
});
