import { type Answer, NO_PHASES } from './answer.ts';
import type { Cause } from './cause.ts';

type Answered = Extract<Answer, { kind: 'answered' }>;
type Failed = Extract<Answer, { kind: 'failed' }>;

const NOTHING_SEEN = { phases: { ...NO_PHASES, totalUs: 0 }, hops: [], certificate: null };

/** An answer, for a fetch of one's own: what is not said was not seen. */
export const answered = (said: Pick<Answered, 'httpStatus'> & Partial<Omit<Answered, 'kind'>>): Answered => ({
  ...NOTHING_SEEN,
  body: '',
  bodyCut: false,
  heldUpMs: 0,
  ...said,
  kind: 'answered',
});

/**
 * That there was none. The cause decides whether that is `down` or `unknown`.
 *
 * @param detail for a person; without secrets
 */
export const failed = (
  cause: Cause,
  detail: string,
  said: Partial<Omit<Failed, 'kind' | 'cause' | 'detail'>> = {},
): Failed => ({ ...NOTHING_SEEN, httpStatus: null, ...said, kind: 'failed', cause, detail });
