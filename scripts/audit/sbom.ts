import { z } from "zod";

/** As much of CycloneDX 1.5 as whoever reads ours looks for. */
const sbomSchema = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string(),
  serialNumber: z.string().startsWith("urn:uuid:"),
  metadata: z.looseObject({
    component: z.looseObject({ "bom-ref": z.string(), purl: z.string().startsWith("pkg:npm/framegate@") }),
  }),
  components: z.array(
    z.looseObject({
      "bom-ref": z.string(),
      type: z.literal("library"),
      name: z.string(),
      version: z.string(),
      purl: z.string().startsWith("pkg:npm/"),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      hashes: z.array(z.object({ alg: z.literal("SHA-512"), content: z.string().length(128) })).min(1),
      licenses: z.array(z.unknown()).default([]),
    }),
  ),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

export type Sbom = z.output<typeof sbomSchema>;

const DEVELOPMENT = "cdx:npm:package:development";

/** Throws when it is none. */
export function readSbom(text: string): Sbom {
  return sbomSchema.parse(JSON.parse(text));
}

/**
 * Without what npm marks as needed for development alone. `npm sbom --omit=dev` would also leave out what is needed in
 * production, where something in the tree needs the same for development.
 */
export function withoutDevelopment(sbom: Sbom): Sbom {
  const components = sbom.components.filter(
    ({ properties }) => !properties.some(({ name }) => name === DEVELOPMENT),
  );
  const left = new Set([sbom.metadata.component["bom-ref"], ...components.map((each) => each["bom-ref"])]);
  const dependencies = sbom.dependencies
    .filter(({ ref }) => left.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => left.has(ref)) }));
  return { ...sbom, components, dependencies };
}
