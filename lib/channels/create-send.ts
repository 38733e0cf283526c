import { defer, finalize, from, type Observable } from 'rxjs';
import type { Channel, Sent } from '../alerting/channel.ts';
import type { Message } from '../alerting/message.ts';
import type { Secrets } from '../checking/ports.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import { createAddressGuard } from '../net/guard/address-guard.ts';
import type { Resolve } from '../net/names/resolution.ts';
import { parseSmtpUrl, type SmtpServer } from './address/smtp-url.ts';
import { type HttpTools, sendHttp } from './http/send-http.ts';
import { sendMail } from './mail/send-mail.ts';
import { render } from './render.ts';
import { resolveChannel } from './resolve-channel.ts';

export interface SendSettings {
  readonly resolve: Resolve;
  readonly secrets: Secrets;
  /** Where messages may go besides public addresses */
  readonly privateChannels: PrivateTargets;
  /** Takes our mail: `smtp://user:pass@host:587?from=…`; null: mail cannot be sent */
  readonly smtpUrl: string | null;
  /** For a whole attempt; default 10 s */
  readonly attemptMsMax?: number;
  /** PEM of the authorities to trust instead of those that Node trusts */
  readonly authorities?: string;
}

/** Sends one message to one channel per subscription. Emits once and never errors. Unsubscribing aborts. */
export type Send = (channel: Channel, message: Message) => Observable<Sent>;

const ATTEMPT_MS_MAX = 10_000;

interface Tools extends HttpTools {
  readonly find: Secrets;
  readonly smtp: SmtpServer | null;
}

/**
 * @throws RangeError if an allowed range is invalid
 * @throws Error if the SMTP URL is invalid
 */
export function createSend(settings: SendSettings): Send {
  const { smtpUrl, attemptMsMax = ATTEMPT_MS_MAX } = settings;
  const smtp = smtpUrl === null ? null : parseSmtpUrl(smtpUrl);
  if (smtpUrl !== null && smtp === null) throw new Error('the SMTP URL is invalid');
  const tools: Tools = {
    find: settings.secrets,
    resolve: settings.resolve,
    guard: createAddressGuard(settings.privateChannels, {
      verb: 'send to',
      flag: '--allow-private-channels',
    }),
    authorities: settings.authorities ?? null,
    smtp,
  };
  return (channel, message) =>
    defer(() => {
      const aborting = new AbortController();
      const deadline = setTimeout(() => aborting.abort(), attemptMsMax);
      const sent = deliver(channel, message, tools, aborting.signal).catch(unexpected);
      return from(sent).pipe(
        finalize(() => {
          clearTimeout(deadline);
          aborting.abort();
        }),
      );
    });
}

async function deliver(
  channel: Channel,
  message: Message,
  { smtp, find, ...tools }: Tools,
  stop: AbortSignal,
): Promise<Sent> {
  const resolved = resolveChannel(channel, find);
  if (resolved.kind === 'unresolved') return notSent(resolved.problem);
  const { kind, address, secrets, hidden } = resolved;
  const outgoing = render(kind, message, { channelId: channel.id, address, secrets }, Date.now());
  if (outgoing.kind === 'http') return sendHttp(outgoing, tools, { kind, hidden, stop });
  if (smtp === null) return notSent('mail needs --smtp-url, which is not set');
  return sendMail(outgoing, { server: smtp, authorities: tools.authorities }, stop);
}

const notSent = (problem: string): Sent => ({
  kind: 'failed',
  problem,
  mayHaveArrived: false,
  retryAfterMs: null,
});

/** A fault of ours. Its message may quote anything, so only its name is shown. */
const unexpected = (error: unknown): Sent => ({
  kind: 'failed',
  problem: cleanDetail(`internal error: ${error instanceof Error ? error.name : typeof error}`),
  mayHaveArrived: true,
  retryAfterMs: null,
});
