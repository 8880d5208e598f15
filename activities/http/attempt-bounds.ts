/** How long one POST may take and how much of its answer is read, each bound with its reason. Pure data. */

/** One POST, from DNS to the last byte read. Drips and endless 1xx answers dodge the timeouts of single phases, so one
 *  deadline covers all of it. */
export const ATTEMPT_DEADLINE_MS = 15_000;
/** Body of the answer. None of it is kept; 64 KiB is more than any acknowledgement and less than any flood. */
export const MAX_RESPONSE_BYTES = 65_536;
/** Values of the request's headers together. Common servers refuse longer lines, and an id in a broken input may have
 *  any length. */
export const MAX_REQUEST_HEADER_CHARS = 8_192;
/** Header block of the answer. */
export const MAX_RESPONSE_HEADER_BYTES = 16_384;
/** Everything of the answer that is taken off the connection. It is the largest header block, the largest body, and two
 *  reads of the kernel (64 KiB each), so that finer bounds speak first. It catches what has no other bound: a reason
 *  phrase or a chunk extension without an end. 12 GB of those came in before the header timer fired after 10 s. */
export const MAX_ANSWER_WIRE_BYTES = 212_992;
/** Lines of the answer, in head, body and trailers together. A head has dozens of lines; after it the status has
 *  decided, so nothing is lost with the rest. Header fields of a few bytes each cost a hundred times their size in
 *  memory. */
export const MAX_ANSWER_LINES = 512;
/** The same below TLS: `MAX_ANSWER_WIRE_BYTES`, `MAX_HANDSHAKE_BYTES`, record headers and session tickets. */
export const MAX_TLS_WIRE_BYTES = 262_144;
/** What comes in before the TLS handshake is over. Real chains of certificates have 3 to 10 KB. Above the bound OpenSSL
 *  never sees the end of a chain, so it computes nothing; the costliest chain that fits takes 30 ms (decision 12). */
export const MAX_HANDSHAKE_BYTES = 16_384;
/** TLS handshakes in progress, with one host and in all. Others wait; see handshake-queue.ts. A host that many
 *  customers use, 150 ms away, still gets 400 handshakes a second. */
export const MAX_HANDSHAKES_PER_HOST = 64;
export const MAX_HANDSHAKES = 256;
/** Longest wait for the beginning of a TLS handshake. With the connect and header deadlines it stays within the
 *  attempt. */
export const HANDSHAKE_QUEUE_MS = 5_000;
/** 1xx answers before the final one. undici itself has no limit (176,350 were seen in 4 s). */
export const MAX_INFORMATIONAL_RESPONSES = 10;
/** Deadline of our own resolver. A dead name server must not use up the attempt. */
export const DNS_DEADLINE_MS = 2_000;
/** Addresses of a name that one attempt dials. All are judged, but an answer can bring 4,000, and each one that refuses
 *  would be followed by the next. */
export const MAX_DIALLED_ADDRESSES = 4;
/** DNS, TCP and TLS together. */
export const CONNECT_DEADLINE_MS = 5_000;
/** From the written request to the status line. undici restarts it at each 1xx, so the total deadline is needed as
 *  well. */
export const HEADERS_DEADLINE_MS = 10_000;
/** Longest silence inside the answer's body. The status line has decided by then, so this only frees the slot
 *  earlier. */
export const BODY_IDLE_MS = 5_000;
