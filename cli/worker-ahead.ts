/** What says that nothing is run, or all of it in one process. What is wrong besides is found out later. */
const NOT_WITH = ["--help", "-h", "--inspect", "--workers=0"];

/** Whether a command line most likely wants workers: only the config knows, and that is read much later. */
export function wantsWorkerAhead([command, ...options]: readonly string[]): boolean {
  if (command !== "start" && command !== "dev") return false;
  return !options.some(
    (option, index) =>
      NOT_WITH.includes(option) ||
      option.startsWith("--inspect=") ||
      (option === "0" && options[index - 1] === "--workers"),
  );
}
