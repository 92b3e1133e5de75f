import { fileURLToPath } from "node:url";

export default {
  files: ["test/*.test.ts", "test/!(systems)/**/*.test.ts"],
  extensions: ["ts"],
  workerThreads: false,
  concurrency: 2,
  timeout: "120s",
  environmentVariables: {
    NODE_NO_WARNINGS: "1",
    // Most of what the processes of the tests do at their start is to strip types and to compile: the same files each time.
    NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/framegate/compiled", import.meta.url)),
  },
};
