/** The receiver's deduplication keys. What they are made of can never change, since receivers keep them. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { deliveryIdsOf, endpointIdOf } from '../../../client/delivery-ids.ts';

const URL_1 = 'https://your-app.com/webhooks/call-complete';
const RUN = 'call-webhook/564d4fd4-03bc-400a-abe0-05540fbeff88';
const webhookIdOf = (...of: Parameters<typeof deliveryIdsOf>): string => deliveryIdsOf(...of).webhookId;

describe('an endpoint id', () => {
  it('is ep_ and 12 characters of the URL’s SHA-256', () => {
    expect(endpointIdOf(URL_1)).toBe('ep_zLi-Oa9FBGL3');
    const hash = createHash('sha256').update(URL_1).digest('base64url');
    expect(endpointIdOf(URL_1)).toBe(`ep_${hash.slice(0, 12)}`);
  });

  it('is the same for every spelling of the URL', () => {
    expect(endpointIdOf('HTTPS://Your-App.com:443/webhooks/./call-complete')).toBe(endpointIdOf(URL_1));
  });

  it('is made of the text as it stands where that is no URL', () => {
    expect(endpointIdOf('not a url')).toMatch(/^ep_[A-Za-z0-9_-]{12}$/);
    expect(endpointIdOf('not a url')).not.toBe(endpointIdOf('not a  url'));
  });

  it('tells nothing of the URL', () => {
    expect(endpointIdOf('https://your-app.com/?token=hush')).not.toContain('hush');
  });
});

describe('a webhook id', () => {
  it('is msg_ and 24 characters of the SHA-256 of run, event and URL', () => {
    const hash = createHash('sha256').update(`${RUN}\ncall.completed\n${URL_1}`).digest('base64url');
    expect(webhookIdOf(RUN, 'call.completed', URL_1)).toBe(`msg_${hash.slice(0, 24)}`);
    expect(webhookIdOf(RUN, 'call.completed', URL_1)).toBe('msg_Obfn9TPizYVrHV5zmnKlCVPy');
  });

  it('is another for another run, event or endpoint', () => {
    const ids = [
      webhookIdOf(RUN, 'call.completed', URL_1),
      webhookIdOf(`${RUN}2`, 'call.completed', URL_1),
      webhookIdOf(RUN, 'call.failed', URL_1),
      webhookIdOf(RUN, 'call.completed', `${URL_1}?a=1`),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

it('ids fit where they go, headers and activity ids, whatever the URL is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl()), (url) => {
      expect(endpointIdOf(url)).toMatch(/^ep_[A-Za-z0-9_-]{12}$/);
      expect(webhookIdOf(RUN, 'call.completed', url)).toMatch(/^msg_[A-Za-z0-9_-]{24}$/);
    }),
  );
});
