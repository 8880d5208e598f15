/** The package's version, which the User-Agent names. A test compares it with package.json. */
export const VERSION = '0.1.0';
