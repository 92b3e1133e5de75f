/** The parts of OTLP's JSON that the gateway uses. Ids are hex; 64-bit numbers are text (OTLP specification, "JSON Protobuf Encoding"). */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly events: readonly OtlpEvent[];
  readonly droppedEventsCount?: number;
  readonly status: { readonly code?: number; readonly message?: string };
}

export interface OtlpEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly OtlpAttribute[];
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

type OtlpValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } };

export const SPAN_KIND = { internal: 1, server: 2 } as const;
export const STATUS_CODE = { error: 2 } as const;

export type AttributeValue = string | number | readonly string[];

/** Those with nothing to say are left out. */
export function toAttributes(values: Readonly<Record<string, AttributeValue>>): readonly OtlpAttribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === "" || (typeof value === "object" && value.length === 0) ? [] : [{ key, value: toValue(value) }],
  );
}

export function toNanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`;
}

/** The body of one request. */
export function toExport(spans: readonly OtlpSpan[], service: string): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: toAttributes({ "service.name": service, "process.pid": process.pid }) },
        scopeSpans: [{ scope: { name: "framegate" }, spans }],
      },
    ],
  };
}

function toValue(value: AttributeValue): OtlpValue {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { intValue: String(Math.round(value)) };
  return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
}
