import type { Socket } from "node:net";

/** What comes from one side goes to the other as it came, its end and its failure too. */
export function carry(from: Socket, to: Socket): void {
  from.on("data", (bytes) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}
