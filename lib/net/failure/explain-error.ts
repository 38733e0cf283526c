import type { Cause } from '../../domain/check/cause.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import type { Phase } from '../timing/phase-clock.ts';
import { classifyFailure, TIMEOUT_CAUSES } from './classify-failure.ts';

export interface Failure {
  readonly cause: Cause;
  readonly detail: string;
}

/**
 * Returns cause and detail of an error that ended a hop.
 *
 * Reads only code and message: errors of HTTP clients may carry the whole request, headers included. If several
 * addresses of a host failed, takes the first failure that is more than a missing route, such as that of an IPv6 address
 * on a machine without IPv6.
 */
export function explainError(error: unknown, phase: Phase | null): Failure {
  const failures = rootErrors(error).map(root => ({
    cause: classifyFailure(codeOf(root), phase),
    detail: cleanDetail(messageOf(root)),
  }));
  const telling = failures.find(({ cause }) => cause !== 'connect_unreachable');
  return telling ?? failures[0] ?? { cause: 'internal_error', detail: 'an error without a message' };
}

/** Unwraps the errors that Node reported: the cause of a client's own error, and the failures of several addresses. */
function rootErrors(error: unknown): readonly unknown[] {
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return root instanceof AggregateError ? root.errors : [root];
}

/** OpenSSL's messages name its own source files; the meaning is in `reason`. */
function messageOf(root: unknown): string {
  if (!(root instanceof Error)) return String(root);
  return 'library' in root && 'reason' in root ? `TLS: ${root.reason}` : root.message;
}

const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** @param phase the phase that the deadline interrupted; null = connecting had not begun */
export function explainTimeout(phase: Phase | null): Failure {
  const stuckIn = phase ?? 'connect';
  return { cause: TIMEOUT_CAUSES[stuckIn], detail: `at the deadline, ${AWAITED[stuckIn]}` };
}

const AWAITED: Readonly<Record<Phase, string>> = {
  dns: 'the name had not been resolved',
  connect: 'no connection had been accepted',
  tls: 'the TLS handshake had not finished',
  ttfb: 'the headers of the response were incomplete',
  transfer: 'no byte of the body had arrived',
};
