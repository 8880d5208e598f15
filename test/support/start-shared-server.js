/** Jest's globalSetup of the `servers` project. JavaScript, because Jest wants the function as the module itself. */
const { startSharedServer } = require('./shared-server.ts');

module.exports = startSharedServer;
