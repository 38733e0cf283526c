import type { AboutCause } from './about-cause.ts';
import { DOWN } from './down-causes.ts';
import { UNKNOWN } from './unknown-causes.ts';

/** A fault of the website. */
export type DownCause = keyof typeof DOWN;

/** A fault of ours, or of the configuration; it never counts against the website. */
export type UnknownCause = keyof typeof UNKNOWN;

/** Why a check is not `up`. The cause alone decides between `down` and `unknown`. */
export type Cause = DownCause | UnknownCause;

/** Every cause of a check that is `down`. */
export const DOWN_CAUSES = Object.keys(DOWN) as readonly DownCause[];
/** Every cause of a check that is `unknown`. */
export const UNKNOWN_CAUSES = Object.keys(UNKNOWN) as readonly UnknownCause[];

/** Whether a check with this cause is `unknown` rather than `down`. */
export const isOurTrouble = (cause: Cause): cause is UnknownCause => Object.hasOwn(UNKNOWN, cause);

/** What a cause means and what to do about it, for people. */
export const aboutCause = (cause: Cause): AboutCause => (isOurTrouble(cause) ? UNKNOWN[cause] : DOWN[cause]);
