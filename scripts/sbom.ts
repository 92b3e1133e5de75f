/** Prints the software bill of materials of what runs in production: CycloneDX, of what the lockfile says. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readSbom, withoutDevelopment } from "./audit/sbom.ts";

const OPTIONS = ["--package-lock-only", "--sbom-format", "cyclonedx", "--sbom-type", "application"];
const text = execFileSync("npm", ["sbom", ...OPTIONS], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  encoding: "utf8",
  maxBuffer: 2 ** 26,
});
process.stdout.write(`${JSON.stringify(withoutDevelopment(readSbom(text)), undefined, 2)}\n`);
