import { execFile } from "node:child_process";
import { basename } from "node:path";
import type { ExecutionContext } from "ava";
import { makeFolder } from "../config/folder.ts";
import { root } from "../docs/documents.ts";

/** Has the compiler read these, each under its name, as values of Grafana's own types. @returns name → what is wrong with it */
export async function complaintsOf(
  t: ExecutionContext,
  dashboards: Readonly<Record<string, unknown>>,
): Promise<ReadonlyMap<string, string>> {
  const head = `import type { Dashboard } from "${root}.ci/deploy/dashboard-type.ts";\nexport const dashboard: Dashboard = `;
  const sources = Object.entries(dashboards).map(([name, dashboard]) => [
    `${name}.ts`,
    head + JSON.stringify(dashboard, null, 1),
  ]);
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ target: "es2024", module: "esnext", moduleResolution: "bundler", types: [] },
  };
  const files = sources.map(([file]) => file);
  const dir = await makeFolder(t, {
    ...Object.fromEntries(sources),
    "tsconfig.json": JSON.stringify({ compilerOptions, files }),
  });
  const said = await compile(dir);
  const complaints = new Map<string, string>();
  for (const line of said.split("\n").filter((each) => /^\S/.test(each))) {
    const [, file = "", problem = line] = /^(\S+)\.ts\(\d+,\d+\): (.*)$/.exec(line) ?? [];
    complaints.set(basename(file), `${complaints.get(basename(file)) ?? ""}${problem}\n`);
  }
  return complaints;
}

/** What it says, on whatever is wrong. */
function compile(project: string): Promise<string> {
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "--pretty", "false", "-p", project], (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
