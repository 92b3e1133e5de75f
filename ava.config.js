export default {
  files: ["test/**/*.test.ts"],
  extensions: ["ts"],
  workerThreads: false,
  concurrency: 2,
  timeout: "120s",
  environmentVariables: { NODE_NO_WARNINGS: "1" },
};
