import { execute } from "./execute.ts";

const exitCode = await execute(process.argv.slice(2));
if (exitCode !== 0) process.exit(exitCode);
