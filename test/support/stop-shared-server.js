/** Jest's globalTeardown of the `servers` project. */
const { stopSharedServer } = require('./shared-server.ts');

module.exports = stopSharedServer;
