#!/usr/bin/env node
import "./check-node.js";

import("node:fs").then((fs) => {
  var source = new URL("../cli/main.ts", import.meta.url);
  // Node strips no types below node_modules; an installed package has JavaScript only.
  var isSource = fs.existsSync(source) && !/[\\/]node_modules[\\/]/.test(source.pathname);
  return import(isSource ? source.href : new URL("../dist/cli/main.js", import.meta.url).href);
});
