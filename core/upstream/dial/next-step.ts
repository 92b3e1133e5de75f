import { type Target, UPSTREAM_NAME } from "../../net/target.ts";

/** Of an upstream, or of its proxy: where their options are is what a step is told in. Absent: a server by its URL alone. */
export type UpstreamLabel = string | { readonly proxyOf: string } | undefined;

/** What to do about a server that cannot be had, for the operator; "" where there is nothing that is always right. */
export function nextStep(cause: Error, { tls, socketPath }: Target, upstream: UpstreamLabel): string {
  const code = codeOf(cause);
  switch (code) {
    case "ECONNREFUSED":
      return `nothing listens there: start the ${typeof upstream === "object" ? "proxy" : "server"}, or correct ${optionOf(upstream, "url")}`;
    case "ENOENT":
    case "EACCES":
      if (socketPath === undefined) return "";
      return `the gateway must find that socket and may write to it: start the server, or correct ${optionOf(upstream, "url")}`;
    case "ENOTFOUND":
      return `no such host: correct ${optionOf(upstream, "url")}, or give the host an address`;
    case "EAI_AGAIN":
      return "the name cannot be looked up: see whether this machine reaches its DNS server";
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return `that server does not speak TLS: let ${optionOf(upstream, "url")} begin with ws:// or http://`;
    case "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED":
    case "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE":
    case "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE":
      return `where the server asks for a client certificate, set ${optionOf(upstream, "tls.cert")} and \`tls.key\``;
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `its certificate is for another name: connect by a name that it has, or set ${optionOf(upstream, "tls.servername")} to one`;
    case "CERT_HAS_EXPIRED":
      return "the server needs a new certificate: renew it there";
    case "CERT_NOT_YET_VALID":
      return "the server's certificate is not valid yet: compare the clocks of both machines";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return `nobody that this machine trusts has signed its certificate: set ${optionOf(upstream, "tls.ca")} to the PEM file of who has`;
    default:
      return tls && code === "ECONNRESET" ? "it ended the TLS handshake: see the server's own log" : "";
  }
}

/** A host with several addresses fails with one error for each. */
function codeOf(cause: Error & { readonly code?: unknown }): unknown {
  if (!(cause instanceof AggregateError)) return cause.code;
  const codes = new Set(cause.errors.map((each: Error & { readonly code?: unknown }) => each.code));
  return codes.size === 1 ? [...codes][0] : undefined;
}

function optionOf(upstream: UpstreamLabel, option: string): string {
  if (upstream === undefined)
    return option === "url"
      ? "the route's `upstream`, or the policy's `connect`"
      : `\`${option}\` in an entry of \`upstreams\` for it`;
  if (typeof upstream === "object") return optionOf(upstream.proxyOf, "proxy");
  // The name of a route's own is `route /path`.
  return UPSTREAM_NAME.test(upstream)
    ? `\`upstreams.${upstream}.${option}\``
    : `\`upstream.${option}\` of the ${upstream}`;
}
