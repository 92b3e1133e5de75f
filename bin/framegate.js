#!/usr/bin/env node
// Plain JavaScript in the syntax of old Nodes, so that they too can say what is missing.
var major = Number(process.versions.node.split(".")[0]);

// Those that the sandbox, a compiled part, is there for.
if (major !== 24 && major !== 26) {
  process.stderr.write(
    "framegate: Node 24 or 26 is needed, this is " + process.version + ". Get it from https://nodejs.org\n",
  );
  process.exit(1);
} else {
  import("node:fs").then((fs) => {
    var source = new URL("../cli/main.ts", import.meta.url);
    // Node strips no types below node_modules; an installed package has JavaScript only.
    var isSource = fs.existsSync(source) && !/[\\/]node_modules[\\/]/.test(source.pathname);
    return import(isSource ? source.href : new URL("../dist/cli/main.js", import.meta.url).href);
  });
}
