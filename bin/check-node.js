// Plain JavaScript in the syntax of old Nodes, so that they too can say what is missing.
var major = Number(process.versions.node.split(".")[0]);

// Those that the sandbox, a compiled part, is there for.
if (major !== 24 && major !== 26) {
  process.stderr.write(
    `framegate: Node 24 or 26 is needed, this is ${process.version}. Get it from https://nodejs.org\n`,
  );
  process.exit(1);
}
