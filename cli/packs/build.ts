import { buildPack, readProject, writePack } from "../../policies/pack/build.ts";
import { withProbe } from "./probe.ts";

export async function buildInto(dir: string): Promise<void> {
  const project = await readProject(dir);
  const built = await withProbe((probe) => buildPack(project, probe));
  await writePack(project, built);
  const { name, version, policies, digest } = built.manifest;
  process.stdout.write(`Built ${name} ${version}: ${Object.keys(policies).join(", ")}\nDigest ${digest}\n`);
}
