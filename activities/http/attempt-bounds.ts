/** How long one POST may take and how much of its answer is read, each with its reason. Pure data. */

/** One POST, from DNS to the status line: drips and endless 1xx answers dodge phase timeouts, so one deadline rules all. */
export const ATTEMPT_DEADLINE_MS = 15_000;
/** Of the answer nothing is kept; 64 KiB is more than any acknowledgement and less than any flood. */
export const MAX_RESPONSE_BYTES = 65_536;
/** Header block of the answer. */
export const MAX_RESPONSE_HEADER_BYTES = 16_384;
/** Everything of the answer that is taken off the connection: the largest header block, the largest body, and two reads of
 *  the kernel's (64 KiB each), so that the finer bounds above speak first. It catches what has no other bound: a reason
 *  phrase or a chunk extension without an end (12 GB came in within the 10 s that the header timer took). */
export const MAX_ANSWER_WIRE_BYTES = 212_992;
/** Lines of the answer, in head, body and trailers together: a head has dozens, and after it the status has decided, whatever is
 *  not read of the body. Header fields of a few bytes each cost a hundred times their size in memory. */
export const MAX_ANSWER_LINES = 512;
/** The same below TLS: that, and what TLS adds: the largest chain of certificates that OpenSSL takes (100 KiB), records, tickets. */
export const MAX_TLS_WIRE_BYTES = 524_288;
/** 1xx answers before the final one: undici itself has no limit (176,350 seen in 4 s). */
export const MAX_INFORMATIONAL_RESPONSES = 10;
/** Our own resolver's deadline; a dead name server must not eat the attempt. */
export const DNS_DEADLINE_MS = 2_000;
/** TCP and TLS, DNS included. */
export const CONNECT_DEADLINE_MS = 5_000;
/** From the request written to the status line; undici restarts it at each 1xx, so it never replaces the total deadline. */
export const HEADERS_DEADLINE_MS = 10_000;
/** Longest silence inside the answer's body. By then the status line has decided, so this only frees the slot earlier. */
export const BODY_IDLE_MS = 5_000;
