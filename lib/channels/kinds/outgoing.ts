import type { ChannelKind } from '../../alerting/channel.ts';
import type { Message } from '../../alerting/message.ts';
import type { Addresses } from '../address/addresses.ts';

export interface HttpRequest {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent by POST, as UTF-8 */
  readonly body: string;
}

export interface Mail {
  readonly kind: 'mail';
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The left side of the Message-ID: unique, and the same in a retry */
  readonly id: string;
  /** Left sides of the Message-IDs that this one belongs below, so that mail programs show one thread */
  readonly references: readonly string[];
}

export type Outgoing = HttpRequest | Mail;

/** Where one message goes: references to secrets are resolved. */
export interface Receiver<Kind extends ChannelKind> {
  readonly channelId: string;
  readonly address: Addresses[Kind];
  readonly secrets: readonly string[];
}

/** Puts a message into the form that a kind of receiver takes, within its limits. Pure. */
export type Render<Kind extends ChannelKind> = (
  message: Message,
  receiver: Receiver<Kind>,
  /** When it is sent, in milliseconds since 1970 */
  sentAtMs: number,
) => Kind extends 'email' ? Mail : HttpRequest;

/** A request with a body of JSON. */
export const jsonRequest = (
  { url, authorization }: { readonly url: string; readonly authorization: string | null },
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpRequest => ({
  kind: 'http',
  url,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    ...(authorization === null ? {} : { authorization }),
    ...headers,
  },
  body: JSON.stringify(body),
});

/** What the receiver's address says by user and password, else the channel's first secret as a token. */
export const authorizationOf = (authorization: string | null, [token]: readonly string[]): string | null =>
  authorization ?? (token ? `Bearer ${token}` : null);
