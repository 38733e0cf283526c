import { createHmac } from 'node:crypto';

/**
 * One signature of Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks.
 *
 * @param secret `whsec_` and the key in base64; any other text is the key itself
 */
export const sign = (secret: string, id: string, timestamp: string, body: string): string =>
  `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
