/** Calls of `verifyWebhook` that several tests share. */
import { runInNewContext } from 'node:vm';
import { verifyWebhook } from '../../../receiver/index.ts';
import type { VerifyOptions, VerifyResult } from '../../../receiver/index.ts';
import { secondsLater } from './signed-request.ts';

/** One second after the golden vector's time. */
export const onTime: VerifyOptions = { now: secondsLater(1) };

/** Calls verifyWebhook the way untyped JavaScript can. */
export const verifyAnything = verifyWebhook as (...given: unknown[]) => VerifyResult;

/** As Fetch's arrayBuffer() gives one if this module was loaded in another context. */
export function foreignArrayBuffer(text: string): unknown {
  return runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...Buffer.from(text)] });
}

/** The headers without some. */
export function without(headers: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
