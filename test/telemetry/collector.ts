import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import type { OtlpSpan } from "../../core/telemetry/otlp.ts";

export interface Collector {
  readonly endpoint: string;
  readonly requests: readonly CollectorRequest[];
  /** The next span that has been taken, in the order they came. */
  next(): Promise<OtlpSpan>;
  /** Of all answers from now on. */
  status: number;
}

export interface CollectorRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly body: {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: OtlpSpan["attributes"] };
      readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
    }[];
  };
}

/** Takes what OpenTelemetry's collector takes, at a path of its own. */
export async function startCollector(t: ExecutionContext): Promise<Collector> {
  const requests: CollectorRequest[] = [];
  const spans: OtlpSpan[] = [];
  const takers: ((span: OtlpSpan) => void)[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { status } = collector;
    const body = JSON.parse(text) as CollectorRequest["body"];
    requests.push({ path: request.url ?? "", headers: request.headers, status, body });
    response.writeHead(status, { "Content-Type": "application/json" }).end("{}");
    if (status !== 200) return;
    for (const { scopeSpans } of body.resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const taker = takers.shift();
        if (taker === undefined) spans.push(span);
        else taker(span);
      }
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const collector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    requests,
    status: 200,
    next() {
      const span = spans.shift();
      return span === undefined
        ? new Promise<OtlpSpan>((resolve) => takers.push(resolve))
        : Promise.resolve(span);
    },
  };
  return collector;
}

/** The attributes of a span, an event or a resource as one object. */
export function attributesOf({
  attributes,
}: Pick<OtlpSpan, "attributes">): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      if ("arrayValue" in value) return [key, value.arrayValue.values.flatMap(Object.values)];
      return [key, "intValue" in value ? Number(value.intValue) : value.stringValue];
    }),
  );
}
