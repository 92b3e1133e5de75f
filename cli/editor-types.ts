import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GatewayConfig } from "../core/config/index.ts";
import type { Wording } from "../core/gateway/news/wording.ts";
import { writeEditorTypes } from "../policies/pack/editor-types.ts";
import { INSTALLED_FOLDER } from "../policies/pack/pack-folder.ts";
import { createRerun } from "../policies/reload/rerun.ts";

type EditedConfig = Pick<GatewayConfig, "file" | "policiesDir" | "source">;

/**
 * What an editor knows of the policies is what there is now, where a `tsconfig.json` beside the config has it read. Where it cannot be written,
 * as on a machine that only checks, nothing is said: nothing that runs depends on it.
 */
export async function refreshEditorTypes({ file, policiesDir, source }: EditedConfig): Promise<void> {
  // The folder of a source is the gateway's own.
  if (file === undefined || source !== undefined) return;
  const project = await readFile(join(dirname(file), "tsconfig.json"), "utf8").catch(() => "");
  if (!project.includes(`${INSTALLED_FOLDER}/`)) return;
  await writeEditorTypes(policiesDir).catch(() => {});
}

/** The same words; with them the editor gets to know what policies come and go. */
export function keepEditorTypes<Words extends Wording>(wording: Words, config: EditedConfig): Words {
  const refreshing = createRerun(() => refreshEditorTypes(config));
  void refreshing.request();
  return {
    ...wording,
    reload(logger, result) {
      wording.reload(logger, result);
      void refreshing.request();
    },
  };
}
