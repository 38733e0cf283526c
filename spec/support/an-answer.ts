import type { Answer } from '../../lib/domain/check/answer.ts';
import type { Cause } from '../../lib/domain/check/cause.ts';
import { aCheck } from './a-check.ts';

export type Answered = Extract<Answer, { kind: 'answered' }>;
export type Failed = Extract<Answer, { kind: 'failed' }>;

const { phases } = aCheck();

/** A whole response of status 200, but for `overrides`. */
export const anAnswer = (overrides: Partial<Answered> = {}): Answered => ({
  kind: 'answered',
  httpStatus: 200,
  body: '',
  bodyCut: false,
  heldUpMs: 0,
  phases,
  hops: [],
  certificate: null,
  ...overrides,
});

/** No response, for that cause. */
export const aFailure = (cause: Cause, overrides: Partial<Failed> = {}): Failed => ({
  kind: 'failed',
  cause,
  detail: 'as the fetch explained it',
  httpStatus: null,
  phases,
  hops: [],
  certificate: null,
  ...overrides,
});
