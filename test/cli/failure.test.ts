import { readFileSync } from "node:fs";
import test from "ava";
import { CliError } from "../../cli/errors.ts";
import { describeFailure } from "../../cli/failure.ts";
import { PoliciesError } from "../../policies/error.ts";

test("an error of ours is for the user: its message, no stack", (t) => {
  const error = new PoliciesError("ERR_POLICY_FOLDER", "the policy folder cannot be read");
  t.deepEqual(describeFailure(error), { exitCode: 1, text: "framegate: the policy folder cannot be read" });
});

test("what others wrote into it does not steer the terminal, and is no command to a CI server", (t) => {
  const error = new PoliciesError("ERR_PACK_FORMAT", "no name: \u001b[2J\u202e\r\n::error ::a ##[error]b");
  const text = "framegate: no name: \\x1b[2J\\x202e\\x0d\n\\x3a:error ::a #\\x23[error]b";
  t.is(describeFailure(error).text, text);
});

test("an error of the operating system too", (t) => {
  const error = t.throws(() => readFileSync("/nowhere/a"));
  t.deepEqual(describeFailure(error), { exitCode: 1, text: `framegate: ${error.message}` });
});

test("any other error is a bug: with its stack", (t) => {
  const { exitCode, text } = describeFailure(new TypeError("x is undefined"));
  t.is(exitCode, 1);
  t.regex(text, /^framegate: unexpected error, please report it\nTypeError: x is undefined\n {4}at /);
  const missing = Object.assign(new Error("Cannot find module"), { code: "ERR_MODULE_NOT_FOUND" });
  t.regex(describeFailure(missing).text, /unexpected error/);
});

test("addresses that cannot be listened on", (t) => {
  const where = { address: "127.0.0.1", port: 80 };
  const inUse = Object.assign(new Error(), { code: "EADDRINUSE", ...where });
  const message =
    "framegate: port 80 of 127.0.0.1 is in use. Stop what listens there, or choose another with --port or --console-port.";
  t.is(describeFailure(inUse).text, message);
  const refused = Object.assign(new Error(), { code: "EACCES", ...where });
  t.is(
    describeFailure(refused).text,
    "framegate: port 80 of 127.0.0.1 is not ours to listen on. Choose one above 1023 with --port.",
  );
});

test("problems that have been printed are not printed again", (t) => {
  t.deepEqual(describeFailure(new CliError("ERR_CLI_PROBLEMS", "2 problems")), { exitCode: 1, text: "" });
});
