import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

try {
  await buildProgram().parseAsync();
} catch (error) {
  const { exitCode, text } = describeFailure(error);
  if (text !== "") process.stderr.write(`${text}\n`);
  process.exit(exitCode);
}
