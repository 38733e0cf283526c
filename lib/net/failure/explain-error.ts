import type { Cause } from '../../domain/check/cause.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { Phase } from '../timing/phase-clock.ts';
import { classifyFailure, TIMEOUT_CAUSES } from './classify-failure.ts';

export interface Failure {
  readonly cause: Cause;
  readonly detail: string;
}

/**
 * Cause and detail of an error that ended a hop.
 *
 * Of the error itself only code and message are read: got's errors carry every option of the
 * request, headers included. Where each address of a host failed in its own way, the first failure
 * stands that is not merely a lack of a route, as IPv6 addresses have on a machine without IPv6.
 */
export function explainError(error: unknown, phase: Phase | null): Failure {
  const failures = rootErrors(error).map(root => ({
    cause: classifyFailure(codeOf(root), phase),
    detail: cleanDetail(messageOf(root)),
  }));
  const telling = failures.find(({ cause }) => cause !== 'connect_unreachable');
  return telling ?? failures[0] ?? { cause: 'internal_error', detail: 'an error without a reason' };
}

/** What Node reported, from within got's wrapper and from within an attempt at several addresses. */
function rootErrors(error: unknown): readonly unknown[] {
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return root instanceof AggregateError ? root.errors : [root];
}

/** OpenSSL's messages name its own source files: what they mean is their reason. */
function messageOf(root: unknown): string {
  if (!(root instanceof Error)) return String(root);
  return 'library' in root && 'reason' in root ? `TLS: ${root.reason}` : root.message;
}

const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** @param phase what the deadline interrupted; null = the connection was not even begun */
export function explainTimeout(phase: Phase | null): Failure {
  const stuckIn = phase ?? 'connect';
  return { cause: TIMEOUT_CAUSES[stuckIn], detail: `at the deadline ${AWAITED[stuckIn]}` };
}

const AWAITED: Readonly<Record<Phase, string>> = {
  dns: 'the name had no address yet',
  connect: 'no connection had been accepted',
  tls: 'the TLS handshake had not ended',
  ttfb: 'the response had not sent all its headers',
  transfer: 'not a byte of the body had come',
};
