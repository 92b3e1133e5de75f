import all from "./ava.config.js";

/** Whole systems: several machines, servers and faults. They take long, and run one after the other. */
export default { ...all, files: ["test/systems/**/*.test.ts"], concurrency: 1, timeout: "300s" };
