// npm runs it before the install scripts of dependencies, one of which would have a compiler try what cannot work.
// In a checkout the npm scripts have a Node of their own.
if (/[\\/]node_modules[\\/]/.test(import.meta.url)) import("./check-node.js");
