import { createHmac, timingSafeEqual } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Identity } from './certificates.ts';
import { type Act, respond } from './scripted-website.ts';
import { listenTracked, type TrackedServer } from './tracked-server.ts';

/** One message as it arrived. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpReceiver extends TrackedServer {
  /** Such as `http://127.0.0.1:40123` */
  readonly origin: string;
  /** The same without its scheme */
  readonly host: string;
  readonly received: readonly Received[];
  /** Resolves with the next message, when it has arrived as a whole */
  readonly next: () => Promise<Received>;
  /** What to do with messages from now on, once each has arrived; at first: answer 200 */
  readonly behave: (act: Act) => void;
}

/** A real receiver on loopback: records what arrives, then accepts it, or does what it is told to. */
export async function startReceiver({
  identity,
  port,
}: {
  readonly identity?: Identity;
  readonly port?: number;
} = {}): Promise<HttpReceiver> {
  const received: Received[] = [];
  const events = new EventEmitter();
  let act: Act = respond({ body: 'ok' });
  const onRequest: Act = (request, response) => {
    const record = (body: Buffer): void => {
      const { method, url: path, headers } = request;
      const message = { method, path, headers, text: body.toString('utf8') };
      received.push(message);
      act(request, response);
      events.emit('received', message);
    };
    buffer(request).then(record, () => {}); // a sender may give up half-way
  };
  const server =
    identity === undefined ? http.createServer(onRequest) : https.createServer(identity, onRequest);
  const tracked = await listenTracked(server, '127.0.0.1', port);
  const host = `127.0.0.1:${tracked.port}`;
  return {
    ...tracked,
    origin: `${identity === undefined ? 'http' : 'https'}://${host}`,
    host,
    received,
    next: async () => {
      const [message] = await once(events, 'received');
      return message as Received;
    },
    behave: next => {
      act = next;
    },
  };
}

/** Checks a message as the documents tell receivers to: https://www.standardwebhooks.com. */
export function isSigned({ headers, text }: Received, secret: string, nowMs = Date.now()): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest();
  return `${signatures}`
    .split(' ')
    .map(signature => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some(given => given.length === expected.length && timingSafeEqual(given, expected));
}

export interface SmtpReceiver {
  readonly port: number;
  /** Such as `smtp://127.0.0.1:40125?from=monitor@example.org` */
  readonly url: string;
  readonly mails: readonly ParsedMail[];
  /** Resolves with the next mail */
  readonly next: () => Promise<ParsedMail>;
  readonly connectionsOpen: () => number;
  /** Resolves once every connection accepted so far is closed */
  readonly allClosed: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a mail server does besides accepting what comes; see `smtp-server`. */
export type SmtpBehaviour = Pick<
  SMTPServerOptions,
  'onAuth' | 'onConnect' | 'onData' | 'onMailFrom' | 'onRcptTo' | 'authOptional' | 'key' | 'cert'
>;

/** A real mail server on loopback. Offers STARTTLS if it is given a certificate. */
export async function startSmtpReceiver(behaviour: SmtpBehaviour = {}): Promise<SmtpReceiver> {
  const mails: ParsedMail[] = [];
  const events = new EventEmitter();
  const isPlain = behaviour.cert === undefined;
  const server = new SMTPServer({
    disabledCommands: [...(isPlain ? ['STARTTLS'] : []), ...(behaviour.onAuth === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: isPlain,
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: (stream, _session, callback) => {
      simpleParser(stream, {}, (error, mail) => {
        if (error === null || error === undefined) {
          mails.push(mail);
          events.emit('mail', mail);
        }
        callback();
      });
    },
    ...behaviour,
  });
  server.on('error', () => {}); // a sender may reset whenever it likes
  const tracked = await listenTracked(server.server);
  const { port } = tracked;
  return {
    port,
    url: `smtp://127.0.0.1:${port}?from=monitor@example.org`,
    mails,
    next: async () => {
      const [mail] = await once(events, 'mail');
      return mail as ParsedMail;
    },
    connectionsOpen: tracked.socketsOpen,
    allClosed: tracked.allClosed,
    close: tracked.close,
  };
}
