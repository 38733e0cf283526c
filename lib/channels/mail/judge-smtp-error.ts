import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Sent } from '../../alerting/channel.ts';
import { classifyFailure } from '../../net/failure/classify-failure.ts';
import { withQuote } from '../problem-text.ts';
import { causeName } from '../wording/cause-name.ts';

/** Nodemailer keeps the code of a system error beside its own. */
export interface SmtpError extends SMTPConnection.SMTPError {
  readonly originalCode?: string;
}

/**
 * Decides by the server's reply, if there is one: 4xx may pass later, 5xx will not. Without a reply the connection
 * failed, and then all depends on whether the server had the whole message already.
 */
export function judgeSmtpError(
  { code, originalCode, command, response, responseCode }: SmtpError,
  wasHandedOver: boolean,
  hidden: readonly string[],
): Sent {
  const failed = (problem: string, mayHaveArrived: boolean): Sent => ({
    kind: 'failed',
    problem,
    mayHaveArrived,
    retryAfterMs: null,
  });
  if (responseCode === undefined) return failed(`SMTP: ${meaningOf(code, originalCode)}`, wasHandedOver);
  const at = command === undefined || command === 'CONN' ? '' : ` at ${command}`;
  const problem = withQuote(`SMTP status ${responseCode}${at}`, textOf(response), hidden);
  // A login that is refused is for the operator to correct; the message is not at fault.
  const isFinal = responseCode >= 500 && command !== 'CONN' && code !== 'EAUTH';
  return isFinal ? { kind: 'refused', problem, isGone: false } : failed(problem, false);
}

const textOf = (response: string | undefined): string => response?.replace(/^\d{3}[ -]?/, '') ?? '';

const MEANINGS: Readonly<Record<string, string>> = {
  EDNS: 'host name not found',
  ECONNECTION: 'the connection was closed',
  ESOCKET: 'connection failed',
  ETIMEDOUT: 'no answer in time',
  ETLS: 'TLS failed',
  EAUTH: 'login failed',
  EENVELOPE: 'no recipient is valid',
  EMESSAGE: 'the message cannot be sent',
};

function meaningOf(code = '', originalCode?: string): string {
  const cause = classifyFailure(originalCode, 'connect');
  return cause === 'internal_error' ? (MEANINGS[code] ?? 'sending failed') : causeName(cause);
}
