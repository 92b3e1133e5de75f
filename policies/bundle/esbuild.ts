import type { BuildOptions, BuildResult } from "esbuild";

type InMemory = BuildOptions & { write: false };

/** Who saves a file saves it again; after that the memory of a process is for others. */
const IDLE_MS = 60_000;

/** Of the process that esbuild keeps for all builds of this one: how often a new one had to be started. */
let generation = 0;
let running = 0;
let ending: NodeJS.Timeout | undefined;

/**
 * A build by esbuild. Its process may be killed as any other, for want of memory say, and esbuild itself would refuse all
 * builds from then on: a new one is started, once for each build. It is there only while there is something to build.
 *
 * @param idleMs how long after the last build it stays
 */
export async function runEsbuild(options: InMemory, idleMs = IDLE_MS): Promise<BuildResult<InMemory>> {
  const esbuild = await import("esbuild");
  clearTimeout(ending);
  ending = undefined;
  running++;
  const begunIn = generation;
  try {
    return await esbuild.build<InMemory>(options);
  } catch (error) {
    if (!/^The service (?:was stopped|is no longer running)/.test((error as Error).message)) throw error;
    // Builds that failed together need one new process between them.
    if (generation === begunIn) {
      generation++;
      await esbuild.stop();
    }
    return await esbuild.build<InMemory>(options);
  } finally {
    running--;
    if (running === 0) ending = setTimeout(endIdleEsbuild, idleMs).unref();
  }
}

/** Its process ends now, and not when nothing has been built for a while. */
export async function endIdleEsbuild(): Promise<void> {
  clearTimeout(ending);
  if (running > 0 || ending === undefined) return;
  ending = undefined;
  const esbuild = await import("esbuild");
  // Something may be built by now: that has taken the process over.
  if (running === 0) await esbuild.stop();
}
