import type { GatewayConfig } from "../../core/config/index.ts";
import { wordProblem } from "../../core/routes/problems.ts";
import { examineShadow, type WantedShadow } from "../../core/routes/shadow-plan.ts";
import { findPolicies } from "../../policies/folder.ts";
import { createPackFolder } from "../../policies/pack/pack-folder.ts";
import { checkOptions } from "../../policies/use-options.ts";
import type { Problem } from "../problem.ts";
import { loadPolicies } from "./policies.ts";

/** What a gateway that starts with this config would say of the shadows that its routes want. */
export async function checkShadows(
  wanted: readonly WantedShadow[],
  { packs, sandbox }: Pick<GatewayConfig, "packs" | "sandbox">,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [folder, shadows] of Map.groupBy(wanted, ({ config }) => config.folder)) {
    const nameOf = ({ policy, config }: WantedShadow) => config.policy ?? policy;
    const names = new Set(shadows.map(nameOf));
    const packed = await createPackFolder(folder, packs).find();
    const found = [...(await findPolicies(folder)), ...packed.sources];
    const loaded = await loadPolicies(
      found.filter(({ name }) => names.has(name)),
      sandbox,
    );
    problems.push(...packed.problems.map(({ message }) => ({ place: "", message })), ...loaded.problems);
    for (const shadow of shadows) {
      const name = nameOf(shadow);
      const exports = loaded.policies.find((policy) => policy.name === name)?.exports;
      const isKnown = found.some((source) => source.name === name);
      const examined = examineShadow(shadow, { isKnown, exports }, checkOptions);
      if ("problem" in examined) problems.push(...wordProblem(examined.problem).inFiles);
    }
  }
  return problems;
}
