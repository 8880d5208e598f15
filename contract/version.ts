/** The package's version, as the User-Agent tells it; a test holds it against package.json. */
export const VERSION = '0.1.0';
