import { setFlagsFromString } from "node:v8";
import type { Service } from "../../host/service.ts";
import { CALL_BYTES, CallRecords } from "../../wire/call-record.ts";
import type { ReceivedCalls } from "../../wire/calls.ts";
import type { HostSettings } from "../../wire/control.ts";
import { createFrameReader, FRAME_KIND, type FrameOutlet, FrameWriter } from "../../wire/frames.ts";
import { hostFrameLimit } from "../../wire/host-limits.ts";
import { decodeHostMessage } from "../../wire/host-messages.ts";
import { type JournalNote, JournalPage } from "../../wire/journal.ts";
import { LoneResult } from "../../wire/results.ts";
import { slackenTimers } from "../process/timer-slack.ts";
import { findAddon } from "./addon.ts";
import type { Host, HostListener } from "./host.ts";

/** SANDBOX: without the first some loops could not be stopped; the second is for the host's own use, see `isTired`. */
const V8_FLAGS = ["--no-turboshaft-loop-unrolling", "--expose-gc"];

/**
 * A host inside of this process: the same code is handed the same frames in the same tick (a call that is alone, and a result
 * without a text, without a frame around it), and what came of calls is there when `flush` returns. Its code is loaded for the first of them, so that processes without one have no part of it.
 *
 * @param find where the addon is
 */
export function embedHost(settings: Omit<HostSettings, "addon">, find: () => string = findAddon): Host {
  const out = new FrameWriter();
  /** A call that is alone, and what came of it, take no frame; the order of all that is said is the same. */
  const record = new CallRecords(new ArrayBuffer(CALL_BYTES), 0, 1);
  const loneResult = new LoneResult();
  let loneCall: ReceivedCalls | undefined;
  const page = new JournalPage();
  const { promise: exited, resolve: onExited } = Promise.withResolvers<void>();
  let service: Service | undefined;
  /** As it was when this host ended. */
  let note: JournalNote | undefined;
  let listener: HostListener | undefined;
  let isServing = false;
  let isTelling = false;
  let isOver = false;

  const read = createFrameReader(
    (kind, bytes, start, end) => {
      if (kind === FRAME_KIND.results) listener?.onResults(bytes, start, end);
      else if (kind === FRAME_KIND.asks) listener?.onAsk(bytes, start, end);
      else listener?.onMessage(decodeHostMessage(bytes, start, end));
    },
    { maxLength: hostFrameLimit(settings.maxResultBytes, false) },
  );

  const pipe: FrameOutlet = {
    write(frames, taken) {
      service?.take(frames);
      taken();
    },
  };

  async function open(): Promise<void> {
    // The first that it hears, whatever is sent before its code is there.
    out.control({ type: "start", settings: { ...settings, addon: find() } });
    for (const flag of V8_FLAGS) setFlagsFromString(flag);
    slackenTimers();
    const { createEmbeddedService } = await import("../../host/embedded-service.ts");
    if (isOver) return;
    service = createEmbeddedService({ page, flush: tell, lone: loneResult, onFailed: fail });
    serve();
  }

  /** What is written meanwhile is served in the order that it came. */
  function serve(): void {
    if (service === undefined || isServing || isTelling) return;
    isServing = true;
    const calls = loneCall;
    loneCall = undefined;
    try {
      if (calls !== undefined) service.takeLone(calls);
      while (!out.isEmpty && !isOver) out.flush(pipe);
    } catch (error) {
      fail(error);
    } finally {
      isServing = false;
    }
  }

  /** Views of the frames may be kept for as long as anybody likes. */
  function tell(from: FrameWriter): void {
    if (from.isEmpty && loneResult.isEmpty) return;
    isTelling = true;
    try {
      if (!loneResult.isEmpty) tellLone(loneResult.take());
      if (!from.isEmpty) read(from.take());
    } catch (error) {
      end(`what it sent could not be read: ${(error as Error).message}`, "nonsense");
    } finally {
      isTelling = false;
    }
  }

  function tellLone(body: Buffer): void {
    listener?.onResults(body, 0, body.length);
  }

  function flush(): void {
    if (isOver) return;
    // In the middle of a turn that the host began by itself, the next one must not begin.
    if (isTelling) queueMicrotask(serve);
    else serve();
  }

  function close(): void {
    isOver = true;
    // A turn that it is in goes on to its end, and notes that.
    note = page.read();
    service?.close();
    onExited();
  }

  function fail(error: unknown): void {
    end(`it failed: ${(error as Error).stack ?? error}`);
  }

  function end(detail: string, reason: "exited" | "nonsense" = "exited"): void {
    if (isOver) return;
    close();
    setImmediate(() => listener?.onExit(detail, reason));
  }

  const host: Host = {
    pid: process.pid,
    out,
    flush,
    takeLone(batch, instance) {
      const isFree = loneCall === undefined && out.isEmpty && !isServing && !isTelling;
      if (service === undefined || isOver || !isFree) return false;
      loneCall = batch.takeLone(instance, record);
      return loneCall !== undefined;
    },
    // No sooner than in a process: whoever sends has to come to his end before he hears what came of it.
    send(message) {
      out.control(message);
      queueMicrotask(serve);
    },
    attach(next) {
      listener = next;
    },
    readJournal: () => note ?? page.read(),
    kill() {
      listener = undefined;
      if (!isOver) close();
    },
    exited,
  };
  open().catch((error) => end(`it could not be started: ${(error as Error).message}`));
  return host;
}
