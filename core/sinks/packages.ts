import { SinkError } from "./errors.ts";

/** What only who has such a sink must install, in the versions that the tests are run with. */
export const SINK_PACKAGES = {
  "@opentelemetry/otlp-transformer": "0.301.0",
  "@platformatic/kafka": "2.12.1",
} as const;

/** @throws SinkError `ERR_SINK_PACKAGE` with the line that installs it */
export async function loadPackage<Package>(name: keyof typeof SINK_PACKAGES): Promise<Package> {
  try {
    return (await import(name)) as Package;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new SinkError(
      "ERR_SINK_PACKAGE",
      `${name} is not installed. Install it where framegate is, and start the gateway again: npm install --save-exact ${name}@${SINK_PACKAGES[name]}`,
      { cause },
    );
  }
}
