/**
 * The failure converter of the encrypted data converter. It puts messages and stack traces into a payload, so the
 * codec encrypts them. Loaded by its path, in the host's process and in the workflow sandbox, so it must not use node.
 */
import { DefaultFailureConverter } from '@temporalio/common';

/** The SDK looks for this name. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
