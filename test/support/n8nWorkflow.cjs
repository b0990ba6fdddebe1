const nodeModule = require('node:module');

// Jest's module loader is a subclass of Node's. The class above it loads n8n-workflow outside of the sandbox: once for all test files of a
// process, and not anew for each of them.
const above = Object.getPrototypeOf(nodeModule);
const createRequire = above.createRequire ?? nodeModule.createRequire;
module.exports = createRequire(__filename)('n8n-workflow');
