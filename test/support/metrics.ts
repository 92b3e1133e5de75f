import type { TestGateway } from "./gateways/gateway.ts";

/** The samples of one metric, as the console of a gateway shows them: `{label="value"} 1`, sorted. */
export async function readMetric({ gateway }: TestGateway, name: string): Promise<readonly string[]> {
  const response = await fetch(`http://127.0.0.1:${gateway.addresses.console?.port}/metrics`);
  return (await response.text())
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => line.slice(name.length).trim())
    .sort();
}
