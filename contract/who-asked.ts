/**
 * Who ended a run, and why: the reason and the identity of a cancel or a Terminate, as the server's history has them.
 * Activities and client use it; workflows do not load it, because they never see an identity. Pure.
 */
import { given } from './given.ts';

/** One cancel, by signal or by the server's own request. Without `endpointId` it means every endpoint. */
export type CancelAsked = { readonly endpointId?: string; readonly reason?: string; readonly by?: string };

/** The reason, and the identity of who asked. A field is absent if history does not tell. */
export type WhoCancelled = { readonly cancelReason?: string; readonly cancelledBy?: string };

/** The same of a run that was terminated. */
export type WhoTerminated = { readonly terminateReason?: string; readonly terminatedBy?: string };

/** Who cancelled the delivery to `endpointId`; without it, the run. The first cancel that has a reason counts, else the
 *  first one. So reason and identity belong together. */
export function whoCancelled(cancels: readonly CancelAsked[], endpointId?: string): WhoCancelled {
  const meant = cancels.filter(
    (each) => endpointId === undefined || each.endpointId === undefined || each.endpointId === endpointId,
  );
  const { reason, by } = meant.find((each) => each.reason !== undefined) ?? meant[0] ?? {};
  return given({ cancelReason: reason, cancelledBy: by });
}

/** Long enough for a sentence, or for a name with a host. */
const MAX_SAID_LENGTH = 500;

/** A text of history: undefined if it is empty, and cut between characters if it is long. */
export function said(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === ''
    ? undefined
    : text.slice(0, MAX_SAID_LENGTH).replace(/\p{Cs}$/u, '');
}
