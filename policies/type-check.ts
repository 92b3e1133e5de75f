import { spawn } from "node:child_process";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, parse, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, PoliciesError } from "./error.ts";
import type { PolicySource } from "./folder.ts";
import { renderHookTypes, sourceOfLine } from "./hook-types.ts";
import { showPath } from "./shown-path.ts";
import { namesWrongKey, reword, type TypeProblem } from "./type-problems.ts";

/** In the scratch folder. */
const HOOK_TYPES = "hook-types.ts";

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** A checkout has the source, the published package its declarations. */
const ending = extname(import.meta.url) === ".ts" ? ".ts" : ".d.ts";
const policyApi = pathOf(`../sandbox/policy-api${ending}`);
const lenses = pathOf(`lenses/index${ending}`);
const messages = pathOf(`messages/index${ending}`);

/**
 * Check policies, and what they import, against the types of `framegate/policy` and the globals of the sandbox. Runs
 * the compiler in a process of its own; runs nothing of the policies. Throws a PoliciesError (`ERR_POLICY_TYPES`) when
 * the compiler cannot do its work.
 */
export async function checkTypes(dir: string, sources: readonly PolicySource[]): Promise<TypeProblem[]> {
  const problems = await checkTogether(dir, sources);
  // Of a program with a syntax error in it the compiler says nothing of types.
  const broken = new Set(problems.filter(isOfSyntax).map(({ file }) => file));
  const others = sources.filter(({ file }) => !broken.has(showPath(resolve(file))));
  if (others.length === sources.length) return problems;
  const told = new Set(problems.map(placeOfProblem));
  const further = await checkTogether(dir, others);
  return [...problems, ...further.filter((problem) => !told.has(placeOfProblem(problem)))];
}

function isOfSyntax({ code }: TypeProblem): boolean {
  return /^TS1\d{3}$/.test(code);
}

function placeOfProblem({ file, line, column }: TypeProblem): string {
  return `${file}:${line}:${column}`;
}

async function checkTogether(dir: string, sources: readonly PolicySource[]): Promise<TypeProblem[]> {
  if (sources.length === 0) return [];
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "framegate-types-"));
  try {
    const project = projectOf(sources);
    const files = [...project.files, HOOK_TYPES];
    await writeFile(join(scratch, HOOK_TYPES), renderHookTypes(sources));
    await writeFile(join(scratch, "tsconfig.json"), JSON.stringify({ ...project, files }));
    const { exitCode, output } = await runCompiler(scratch);
    const found = parseDiagnostics(output, scratch);
    const hookTypes = showPath(join(scratch, HOOK_TYPES));
    const own = found.filter(({ file }) => file !== hookTypes);
    const unsaid = found.filter(({ file }) => file === hookTypes).flatMap((one) => inSource(one, sources));
    const problems = await Promise.all([...own, ...unsaid].map(reword));
    if (exitCode !== 0 && found.length === 0) throw new Error(output.trim() || `it exited with ${exitCode}`);
    return problems;
  } catch (cause) {
    const message = `the policies in ${showPath(resolve(dir))} cannot be type-checked: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_POLICY_TYPES", message, { cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * The declarations of policies by name, for those whose declarations stand by themselves: they import nothing but
 * packages. Throws as `checkTypes` does.
 */
export async function emitTypes(dir: string, sources: readonly PolicySource[]): Promise<Map<string, string>> {
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "framegate-types-"));
  const out = join(scratch, "out");
  try {
    const project = projectOf(sources);
    // Of the whole disk: what lies outside of the root is written outside of the output, beside its source.
    const rootDir = parse(resolve(dir)).root;
    const emit = { noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir, outDir: out };
    const compilerOptions = { ...project.compilerOptions, ...emit };
    await writeFile(join(scratch, "tsconfig.json"), JSON.stringify({ ...project, compilerOptions }));
    await runCompiler(scratch);
    const found = new Map<string, string>();
    for (const { name } of sources) {
      const text = await readFile(join(out, relative(rootDir, resolve(dir)), `${name}.d.ts`), "utf8").catch(
        () => undefined,
      );
      if (text !== undefined && !/from "\.|import\("\./.test(text)) found.set(name, text);
    }
    return found;
  } catch (cause) {
    const message = `the declarations of ${showPath(resolve(dir))} cannot be made: ${messageOf(cause)}`;
    throw new PoliciesError("ERR_POLICY_TYPES", message, { cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function projectOf(sources: readonly PolicySource[]): { compilerOptions: object; files: readonly string[] } {
  return {
    compilerOptions: {
      target: "es2024",
      lib: ["es2024"],
      // Nothing of Node: what is not in the sandbox must not compile.
      types: [],
      module: "esnext",
      moduleResolution: "bundler",
      customConditions: ["browser"],
      paths: {
        "framegate/policy": [policyApi],
        "framegate/lenses": [lenses],
        "framegate/messages": [messages],
      },
      strict: true,
      isolatedModules: true,
      allowJs: true,
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: [pathOf("../sandbox/globals.d.ts"), ...sources.map(({ file }) => resolve(file))],
  };
}

/** Of hooks whose type is not written down, keys alone: what is inferred of other parts may be wider than what is returned. */
function inSource(problem: TypeProblem, sources: readonly PolicySource[]): TypeProblem[] {
  const source = sourceOfLine(problem.line, sources);
  if (source === undefined || !namesWrongKey(problem)) return [];
  return [{ ...problem, file: showPath(resolve(source.file)), line: 1, column: 1 }];
}

function runCompiler(project: string): Promise<{ exitCode: number | null; output: string }> {
  const compiler = fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript/package.json")));
  return new Promise((settle, reject) => {
    const tsc = spawn(process.execPath, [compiler, "--project", project, "--pretty", "false"], {
      cwd: project,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [tsc.stdout, tsc.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    tsc.on("error", reject);
    tsc.on("close", (exitCode) => settle({ exitCode, output }));
  });
}

const DIAGNOSTIC = /^(.+)\((\d+),(\d+)\): error (TS\d+): (.*)$/;

/** `file(line,column): error TSnnnn: message`, the file relative to `project`; indented lines go on with the message. */
function parseDiagnostics(output: string, project: string): TypeProblem[] {
  const problems: TypeProblem[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, file, row, column, code, message] = DIAGNOSTIC.exec(line) ?? [];
    if (file) {
      const shown = showPath(resolve(project, file));
      problems.push({
        file: shown,
        line: Number(row),
        column: Number(column),
        code: code!,
        message: message!,
      });
    } else if (/^\s/.test(line) && problems.length > 0) {
      const last = problems.pop()!;
      problems.push({ ...last, message: `${last.message}\n${line}` });
    }
  }
  return problems;
}
