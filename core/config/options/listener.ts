import { resolve } from "node:path";
import { z } from "zod";
import { isNetwork } from "../../net/networks.ts";
import { type OriginsAround, originsOption, resolveOrigins } from "./origins.ts";
import { type RecordingConfig, recordingOption, resolveRecording } from "./route/observation.ts";
import { flag, reportOption, section, text, whole } from "./schema-parts.ts";
import { resolveTls, type TlsConfig, tlsSchema } from "./tls.ts";
import { durationOrZero, longDuration, size } from "./units.ts";

/** A listener with all defaults filled in. Plain JSON, paths absolute. */
export interface ListenerConfig extends ListenerPlace, LiveListenerConfig, FixedListenerConfig {}

/** Which listener it is: one with another place is another one, and is opened, or closed, by a reload. */
export interface ListenerPlace {
  readonly host: string;
  readonly port: number;
  /** In place of host and port. */
  readonly socket?: string;
}

/** What a listener that stays takes from a new config: each connection goes by what there is when it comes. */
export interface LiveListenerConfig {
  /** 0: unlimited. */
  readonly handshakeTimeoutMs: number;
  readonly tls?: TlsConfig;
  /** 0: no Strict-Transport-Security. */
  readonly hstsSeconds: number;
  /** Whose PROXY protocol headers are believed; undefined: connections begin without one. */
  readonly trustedProxies?: "any" | readonly string[];
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  /** Whose pages may connect, on routes that do not say it themselves. */
  readonly origins: readonly string[];
  /** Whether what comes by it is recorded, on routes that do not say it themselves. */
  readonly recording: RecordingConfig;
}

/** What the system is told once, when the listener is opened: a reload names a change of it. */
export interface FixedListenerConfig {
  readonly backlog: number;
  readonly reusePort: boolean;
}

const TRUSTED = 'addresses and CIDR blocks such as ["10.0.0.0/8"], or "any"';

export const listenerSchema = section(
  "ListenerInput",
  {
    host: text('an address or host name such as "127.0.0.1"')
      .prefault("127.0.0.1")
      .describe('Address to listen on; "0.0.0.0" or "::" for all.'),
    port: whole(0, 65_535, "a port from 0 to 65535")
      .prefault(8080)
      .describe("Port to listen on; 0 lets the system choose."),
    handshakeTimeout: durationOrZero()
      .prefault("10s")
      .describe(
        "Longest time until a client has sent the whole head of its request, else 408; 0: unlimited.",
      ),
    socket: text('the path of a Unix socket such as "./gateway.sock"')
      .optional()
      .describe(
        "Path of a Unix socket to listen on, in place of host and port, relative to the config file. Default: none.",
      ),
    tls: tlsSchema.optional().describe("TLS on this listener. Default: none, plain HTTP."),
    hsts: longDuration()
      .prefault(0)
      .describe(
        "How long browsers are told to use TLS only (Strict-Transport-Security), on a listener with TLS; 0: they are told nothing.",
      ),
    origins: originsOption
      .optional()
      .describe(
        "Origins whose pages may connect by this listener on routes that do not say it, written as in `origins` of a route. Default: the config's own.",
      ),
    recording: recordingOption
      .optional()
      .describe(
        "Whether what comes by this listener is recorded, on routes that do not say it, written as in `recording` of a route. Default: the config's own.",
      ),
    proxyProtocol: flag()
      .prefault(false)
      .describe(
        "Whether each connection begins with a PROXY protocol header, version 1 or 2, that names the client.",
      ),
    trustedProxies: z
      .union(
        [
          z.literal("any", { error: TRUSTED }),
          z.array(z.string({ error: TRUSTED }).refine(isNetwork, { error: TRUSTED }), { error: TRUSTED }),
        ],
        { error: TRUSTED },
      )
      .optional()
      .describe(
        'Addresses and CIDR blocks whose PROXY protocol headers are believed, or "any". Required with proxyProtocol. Default: none.',
      ),
    backlog: whole(1, 65_535, "a whole number from 1 to 65535")
      .prefault(511)
      .describe("Connections that the system keeps until they are accepted."),
    reusePort: flag()
      .prefault(false)
      .describe(
        "Whether each worker, and other processes, may listen on this port by themselves; the system shares connections out (SO_REUSEPORT).",
      ),
    maxHeaderBytes: size(1024, "1KiB")
      .prefault("16KiB")
      .describe("Largest head of a request, in bytes or with a unit; a larger one gets 431."),
    maxHeaders: whole(1, 100_000, "a whole number from 1 to 100000")
      .prefault(1000)
      .describe("Most header fields of a request; one with more gets 431."),
  },
  "a listener such as { port: 8080 }",
).superRefine(({ tls, hsts, proxyProtocol, trustedProxies, reusePort, port, socket }, context) => {
  if (proxyProtocol && trustedProxies === undefined)
    reportOption(context, "trustedProxies", `${TRUSTED}, because proxyProtocol is on`);
  if (!proxyProtocol && trustedProxies !== undefined)
    reportOption(context, "proxyProtocol", "true, because trustedProxies is set");
  if (hsts > 0 && tls === undefined) reportOption(context, "tls", "certificates, because hsts is set");
  if (reusePort && (port === 0 || socket !== undefined))
    reportOption(context, "reusePort", "false, or a port that is not 0 and no socket");
});

/** What a listener takes from the config around it. */
export interface ListenerSurroundings extends OriginsAround {
  readonly dir: string;
  /** The config's own. */
  readonly origins: readonly string[];
  readonly recording: RecordingConfig;
}

/** @param place of the listener, for problems */
export function resolveListener(
  parsed: z.output<typeof listenerSchema>,
  place: string,
  around: ListenerSurroundings,
): ListenerConfig {
  const {
    socket,
    tls,
    hsts,
    proxyProtocol,
    trustedProxies,
    handshakeTimeout,
    origins,
    recording,
    ...others
  } = parsed;
  const { dir } = around;
  return {
    ...others,
    origins: origins === undefined ? around.origins : resolveOrigins(origins, `${place}.origins`, around),
    recording: recording === undefined ? around.recording : resolveRecording(recording),
    handshakeTimeoutMs: handshakeTimeout,
    ...(socket !== undefined && { socket: resolve(dir, socket) }),
    ...(tls !== undefined && { tls: resolveTls(tls, dir) }),
    hstsSeconds: Math.round(hsts / 1000),
    ...(proxyProtocol && { trustedProxies: trustedProxies ?? [] }),
  };
}
