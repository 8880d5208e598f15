/**
 * How many events of a history to ask for at once, and how long to wait for them. A page must fit into one gRPC
 * message, and only its events tell how large it is. Pure.
 */

/** What is known of a history before it is read. `isOpen`: it may grow meanwhile. */
export type HistorySize = { readonly bytes: number; readonly events: number; readonly isOpen: boolean };

/** Most events of one page. A server gives no more, unless its `frontend.historyMaxPageSize` is raised. */
const MAX_PAGE_EVENTS = 256;
/** What a page of many events should have. gRPC for Node accepts messages up to 4 MiB. (The SDK's option to raise this
 *  has no effect.) A page may be larger than the average says: its events may be those with the bodies. */
const PAGE_BYTES = 1_048_576;
/** Up to this size, all that is unread fits into one message. A run that is open may grow by its bodies, which have up
 *  to 3 MiB, after it was described. */
const SAFE_BYTES = { closed: 3_145_728, open: 524_288 };
/** A history with fewer events is large because of its bodies. Then each page is what one workflow task wrote. The
 *  server never splits that, and it is below 4 MiB. */
const FEW_EVENTS = 100;
/** How long a page may take that is likely to be too large, ms. The SDK hides that a page was too large: it repeats
 *  the request until the deadline. Its first wait takes 1.36 s at least, and no deadline ends a wait. So 2 s took up
 *  to 5. */
const LIKELY_TOO_LARGE_MS = 1_200;
/** Likewise for a page that is too large only if the run has grown meanwhile. A slow server has more time. */
const RARELY_TOO_LARGE_MS = 3_000;
/** What a slow server has at most for a page that may be too large, ms. */
const SLOW_SERVER_MS = 8_000;
/** A server counts as slow if one task takes more than this part of the time that a page may take. */
const SLOW_PART = 1 / 4;
/** After a page that was too large, a page has this part of its events: 256, 16, 1. Each page that is too large costs
 *  its whole time, and each small one only a request. */
const SMALLER = 1 / 16;

/** A page to ask for. `withinMs`: it may be too large, and is awaited so long. */
export type PagePlan = { readonly count: number; readonly withinMs?: number };

/** Pages of any size. */
const NO_STRETCH = { most: MAX_PAGE_EVENTS, left: 0, bytes: 0, missedMs: 0 };

/** What one history has taught about its server and its pages. */
export class Pace {
  /** What a page has at least that may be too large, ms. */
  #patienceMs = 0;
  /** Most events of a page, for the next `left` events. They came too late in one page, after `missedMs`. */
  #stretch = NO_STRETCH;

  /** The page to ask for where `plan` would be right for a quick server and bodies of one size. */
  of({ count, withinMs }: PagePlan): PagePlan {
    const fewer = Math.min(count, this.#stretch.most);
    if (fewer === 1 || withinMs === undefined) return { count: fewer };
    return { count: fewer, withinMs: Math.max(withinMs, this.#patienceMs) };
  }

  /** The page did not come in time, and one task took `taskMs` then. A slow server gets more time. Otherwise the page
   *  was too large, and its events come in smaller ones. */
  missed({ count, withinMs }: Required<PagePlan>, taskMs: number): void {
    if (taskMs > withinMs * SLOW_PART && withinMs < SLOW_SERVER_MS)
      this.#wait(Math.max(2 * withinMs, taskMs / SLOW_PART));
    else this.#stretch = { most: Math.max(1, Math.floor(count * SMALLER)), left: count, bytes: 0, missedMs: withinMs };
  }

  /** A page came. After large bodies, or after the stretch, pages grow again. */
  took(events: number, bytes: number): void {
    const before = this.#stretch;
    const stretch = { ...before, left: before.left - events, bytes: before.bytes + bytes };
    if (bytes > PAGE_BYTES) this.#stretch = NO_STRETCH;
    else if (stretch.left > 0) this.#stretch = stretch;
    else {
      // They would have fitted into the page, so it was late, not too large.
      if (stretch.bytes <= SAFE_BYTES.closed) this.#wait(2 * stretch.missedMs);
      const most = Math.min(MAX_PAGE_EVENTS, stretch.most / SMALLER);
      this.#stretch = { ...NO_STRETCH, most, left: MAX_PAGE_EVENTS };
    }
  }

  #wait(ms: number): void {
    this.#patienceMs = Math.min(SLOW_SERVER_MS, Math.max(this.#patienceMs, ms));
  }
}

/** How many events to ask for, and how long to wait for them if they may be too large. */
export function pageFor({ bytes, events, isOpen }: HistorySize): PagePlan {
  if (bytes <= (isOpen ? SAFE_BYTES.open : SAFE_BYTES.closed))
    return { count: MAX_PAGE_EVENTS, ...(isOpen ? { withinMs: RARELY_TOO_LARGE_MS } : {}) };
  if (events <= FEW_EVENTS) return { count: 1 };
  const count = Math.min(MAX_PAGE_EVENTS, Math.max(1, Math.floor((PAGE_BYTES * events) / bytes)));
  return { count, withinMs: LIKELY_TOO_LARGE_MS };
}
