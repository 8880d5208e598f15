/**
 * The failure converter of an encrypted data converter: messages and stack traces travel as a payload, so the codec encrypts
 * them. Loaded by its path, in the host's process and in the workflow sandbox: nothing of node in here.
 */
import { DefaultFailureConverter } from '@temporalio/common';

/** The name the SDK looks for. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
