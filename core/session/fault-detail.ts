/** Which option a reason is about that the peers are told: they learn what, the log says where to change it. */
const OPTIONS: Readonly<Record<string, string>> = {
  "message too big": "maxMessageSize",
  "frame too big": "limits.maxFrameSize",
  "inflates too much": "compression.maxRatio",
};

/** What the log says of a fault of the wire. */
export function faultDetail(reason: string): string {
  const option = Object.hasOwn(OPTIONS, reason) ? OPTIONS[reason] : undefined;
  return option === undefined ? reason : `${reason} (\`${option}\` of the route)`;
}
