import { PassThrough, type Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Sent } from '../../alerting/channel.ts';
import type { SmtpServer } from '../address/smtp-url.ts';
import type { Mail } from '../kinds/outgoing.ts';
import { judgeSmtpError, type SmtpError } from './judge-smtp-error.ts';

export interface MailTools {
  readonly server: SmtpServer;
  /** PEM of the authorities to trust instead of those that Node trusts; null: those */
  readonly authorities: string | null;
}

/**
 * Hands one mail to the SMTP server. The server is the operator's own choice, so no guard stands before it.
 * Never rejects.
 */
export async function sendMail(
  mail: Mail,
  { server, authorities }: MailTools,
  stop: AbortSignal,
): Promise<Sent> {
  const [{ default: MailComposer }, { default: Connection }] = await Promise.all([
    import('nodemailer/lib/mail-composer'),
    import('nodemailer/lib/smtp-connection'),
  ]);
  const { from, host, port, isTls, credentials } = server;
  const mime = await new MailComposer(composed(mail, from)).compile().build();
  const { body, wasRead } = watched(mime);
  const connection = new Connection({
    host,
    port,
    secure: isTls,
    name: domainOf(from),
    tls: authorities === null ? {} : { ca: authorities },
  });
  const envelope = { from, to: [...mail.to], size: mime.length };
  try {
    await handOver(connection, { credentials, envelope, body }, stop);
    connection.quit(); // closes it, too, once the server has answered
    setTimeout(() => connection.close(), QUIT_MS_MAX).unref();
    return { kind: 'accepted' };
  } catch (error) {
    connection.close();
    const hidden = credentials === null ? [] : [credentials.user, credentials.pass];
    return judgeSmtpError(error as SmtpError, wasRead(), hidden);
  }
}

interface Transaction {
  readonly credentials: SmtpServer['credentials'];
  readonly envelope: SMTPConnection.Envelope;
  readonly body: Readable;
}

/** How long a server may take to say goodbye. The mail is delivered already. */
const QUIT_MS_MAX = 1_000;

/** Connects, logs in if there are credentials, and sends. Rejects with what went wrong first. */
const handOver = (
  connection: SMTPConnection,
  { credentials, envelope, body }: Transaction,
  stop: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const onTimeout = (): void => reject(TIMED_OUT);
    stop.addEventListener('abort', onTimeout, { once: true });
    if (stop.aborted) onTimeout();
    connection.on('error', reject);
    connection.on('end', () => reject(LOST));
    const send = (): void =>
      connection.send(envelope, body, error => (error === null ? resolve() : reject(error)));
    const logIn = (): void =>
      credentials === null
        ? send()
        : connection.login({ credentials }, error => (error ? reject(error) : send()));
    connection.connect(error => (error ? reject(error) : logIn()));
  });

const TIMED_OUT = Object.assign(new Error('deadline'), { code: 'ETIMEDOUT' });
const LOST = Object.assign(new Error('closed'), { code: 'ECONNECTION' });

/** Tells when the whole message has been handed to the connection. From then on the server may have it. */
function watched(mime: Buffer) {
  const body = new PassThrough();
  let isRead = false;
  body.once('end', () => {
    isRead = true;
  });
  body.end(mime);
  return { body, wasRead: () => isRead };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

function composed({ to, subject, text, html, id, references }: Mail, from: string) {
  const messageId = (left: string): string => `<${left}@${domainOf(from)}>`;
  return {
    from: { name: 'website-monitor', address: from },
    to: [...to],
    subject,
    text,
    html,
    messageId: messageId(id),
    ...(references.length === 0
      ? {}
      : { inReplyTo: messageId(references[0] ?? ''), references: references.map(messageId) }),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
