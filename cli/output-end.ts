/** As of what SIGPIPE has ended: 128 and its number. */
const READER_GONE = 141;

/** A command that prints ends when nobody reads it any more, as `head` does after its lines; a gateway goes on. */
export function endWithReader([command = ""]: readonly string[]): void {
  if (command === "start" || command === "dev") return;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(READER_GONE);
    process.stderr.write(`framegate: what it prints cannot be written: ${error.message}\n`);
    process.exit(1);
  });
  process.stderr.on("error", () => process.exit(READER_GONE));
}
