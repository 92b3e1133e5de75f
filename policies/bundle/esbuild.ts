import type { BuildOptions, BuildResult } from "esbuild";

type InMemory = BuildOptions & { write: false };

/** Of the process that esbuild keeps for all builds of this one: how often a new one had to be started. */
let generation = 0;

/**
 * A build by esbuild. Its process may be killed as any other, for want of memory say, and esbuild itself would refuse all
 * builds from then on: a new one is started, once for each build.
 */
export async function runEsbuild(options: InMemory): Promise<BuildResult<InMemory>> {
  const esbuild = await import("esbuild");
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
    return esbuild.build<InMemory>(options);
  }
}
