import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** What mqtt-packet requires of Node's modules and packages around it, and what in `policies/lenses/mqtt/stand-ins` is there in its place. */
const STAND_INS: Readonly<Record<string, string>> = {
  buffer: `module.exports = require("bytes")`,
  bl: `module.exports = require("byte-list").createByteList`,
  events: `module.exports = require("emitter")`,
  debug: `module.exports = require("silence").createSilence`,
  "process-nextick-args": `module.exports = {}`,
};

const NAMESPACE = "mqtt-stand-in";
const folder = new URL("../lenses/mqtt/stand-ins/", import.meta.url);

/** mqtt-packet as it is would bring 400 KB, most of it streams. */
export const standIns: Plugin = {
  name: "stand-ins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:buffer|bl|events|debug|process-nextick-args)$/ }, ({ path, importer }) =>
      /[\\/]node_modules[\\/]mqtt-packet[\\/][^\\/]+\.js$/.test(importer)
        ? { path, namespace: NAMESPACE }
        : undefined,
    );
    onResolve({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      path: fileURLToPath(new URL(`${path}${extname(import.meta.url)}`, folder)),
    }));
    onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({ contents: STAND_INS[path]! }));
  },
};
