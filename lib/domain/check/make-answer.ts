import { type Answer, NO_PHASES } from './answer.ts';
import type { Cause } from './cause.ts';

type Answered = Extract<Answer, { kind: 'answered' }>;
type Failed = Extract<Answer, { kind: 'failed' }>;

const NOTHING_SEEN = { phases: { ...NO_PHASES, totalUs: 0 }, hops: [], certificate: null };

/** Makes an answer that has a response. What is left out counts as not seen: no hops, an empty body. */
export const answered = (seen: Pick<Answered, 'httpStatus'> & Partial<Omit<Answered, 'kind'>>): Answered => ({
  ...NOTHING_SEEN,
  body: '',
  bodyCut: false,
  heldUpMs: 0,
  ...seen,
  kind: 'answered',
});

/**
 * Makes an answer without a response. The cause decides whether it is judged `down` or `unknown`.
 *
 * @param detail an explanation for people; without secrets
 */
export const failed = (
  cause: Cause,
  detail: string,
  seen: Partial<Omit<Failed, 'kind' | 'cause' | 'detail'>> = {},
): Failed => ({ ...NOTHING_SEEN, httpStatus: null, ...seen, kind: 'failed', cause, detail });
