import { createFrameReader, type FrameWriter } from "../../../sandbox/wire/frames.ts";

/** All that a writer has to send. */
export function sent(out: FrameWriter): Buffer {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, done: () => void) => {
    chunks.push(Buffer.from(chunk));
    done();
    return true;
  };
  out.flush({ write } as unknown as Parameters<FrameWriter["flush"]>[0]);
  return Buffer.concat(chunks);
}

/** The stream in chunks; a cut is a position, if there is such a one. */
export function splitAt(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const sorted = cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b);
  return [0, ...sorted].map((cut, i) => bytes.subarray(cut, sorted[i] ?? bytes.length));
}

/** The bodies of the frames that were written, at an address that no one can rely on to be aligned. */
export function bodiesOf<Body>(
  out: FrameWriter,
  read: (bytes: Buffer, start: number, end: number) => Body,
  shift = 1,
): readonly Body[] {
  const bytes = Buffer.concat([Buffer.alloc(shift), sent(out)]).subarray(shift);
  const bodies: Body[] = [];
  createFrameReader((_, chunk, start, end) => bodies.push(read(chunk, start, end)))(bytes);
  return bodies;
}
