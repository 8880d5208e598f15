/** Names of the soak's counts. I1 no loss … I12 liveness are the invariants' names. */

/** What must not happen, and what it means. Every count must be 0. */
export const COUNTS = {
  lost: 'I1: an accepted call has no run, or one of its deliveries no row',
  unexpected: 'I2: a POST, row or run that no accepted call explains, or a redelivery twice',
  doubleFinal: 'I1: a delivery had two final states',
  untrue: 'I3: an attempt is recorded that no receiver saw so, a delivered one above all',
  missed: 'I3: a receiver took it, nothing was broken, and it is not recorded as delivered',
  forgotten: 'an attempt that a receiver saw is in no record',
  mutated: 'I4: the bytes of one webhook id changed, or the id of one endpoint',
  badlySigned: 'I5: a signature does not hold, or its time is off',
  over: 'I6: an attempt was made twice, or one more than the ladder has',
  overlapping: 'I6: two POSTs of one id were in flight at once',
  early: 'I6: an attempt came before its rung, and nobody had hurried it',
  afterCancel: 'I7: an attempt began after the run had heard of its cancel',
  touched: 'I7: a redirect was followed, or a forbidden address connected to',
  disagreeing: 'the log, result() and the close status tell different outcomes',
  died: 'I9: a worker ended that nobody had ended, or badly after SIGTERM',
  surprising: 'the client answered with an error that the situation does not explain',
  open: 'I12: a run was still open after the drain',
} as const;

/** A count by name. */
export type CountName = keyof typeof COUNTS;
/** One thing that must not have happened. */
export type Violation = { readonly count: CountName; readonly what: string };
/** What the checker says. */
export type Checked = {
  readonly counts: Readonly<Record<CountName, number>>;
  readonly violations: readonly Violation[];
  /** What was seen, for reading: no promise is made about these. */
  readonly numbers: Readonly<Record<string, unknown>>;
};

/** Tells of a violation: `tell('lost')('what is lost')`. */
export type Tell = (count: CountName) => (what: string) => void;
