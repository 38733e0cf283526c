import type { Ports } from '../checking/ports.ts';
import type { Match } from '../domain/check/match.ts';
import { createLane, type Job } from './lane.ts';
import { literalOf } from './literal.ts';
import { createSlowPatterns } from './slow-patterns.ts';

export interface MatcherSettings {
  /** What a match may take in the first lane: some ten times what 1 MiB takes an ordinary pattern */
  readonly quickMsMax: number;
  /** The deadline of a match: what it may run for at all */
  readonly runMsMax: number;
  /** What a match may take with its waiting for a turn; past that it counts as not run */
  readonly patienceMs: number;
  /** Matches that may run or wait in a lane; with room for every running check none is turned away */
  readonly jobsMax: number;
  /** For each of the two threads; a match that needs more is invalid */
  readonly heapMiB: number;
}

export interface Matcher {
  readonly match: Ports['match'];
  /** Ends the threads. Matches that still run or wait, and later ones, are answered as not run. */
  readonly close: () => Promise<void>;
}

const DEFAULTS: MatcherSettings = {
  quickMsMax: 100,
  runMsMax: 250,
  patienceMs: 1_500,
  jobsMax: 1_000,
  heapMiB: 256,
};

const PATTERN_CHARACTERS_MAX = 1000;
const SLOW_PATTERNS_REMEMBERED_MAX = 10_000;

const FOUND: Match = { kind: 'found' };
const ABSENT: Match = { kind: 'absent' };
const OVERRUN: Match = { kind: 'overrun' };
const NOT_RUN: Match = { kind: 'not-run' };
const TOO_LONG: Match = {
  kind: 'invalid',
  detail: `the pattern is longer than ${PATTERN_CHARACTERS_MAX} characters`,
};

/**
 * Looks for RE2 patterns in bodies, with none of the work of the engine on the event loop.
 *
 * A literal pattern is looked for in place. Any other goes to the quick lane, a thread that ends
 * each match at `quickMsMax`; what it had to end runs again, from its start, in the slow lane, which
 * ends it at `runMsMax`. A pattern that was slow begins in the slow lane until it has been quick there for a while. So a slow
 * pattern delays the patterns of others by `quickMsMax` now and then, and otherwise only its like.
 *
 * `match` never throws and never rejects.
 */
export const createMatcher = (settings: Partial<MatcherSettings> = {}): Matcher => {
  const { quickMsMax, runMsMax, patienceMs, jobsMax, heapMiB } = { ...DEFAULTS, ...settings };
  const quickLane = createLane({ runMsMax: Math.min(quickMsMax, runMsMax), jobsMax, heapMiB });
  const slowLane = createLane({ runMsMax, jobsMax, heapMiB });
  const slowPatterns = createSlowPatterns(SLOW_PATTERNS_REMEMBERED_MAX);

  const match = async (pattern: string, body: string): Promise<Match> => {
    if (isTooLong(pattern)) return TOO_LONG;
    const literal = literalOf(pattern);
    if (literal !== null) return body.includes(literal) ? FOUND : ABSENT;
    const job = { pattern, body, deadlineMonotonicMs: performance.now() + patienceMs };
    return slowPatterns.includes(pattern) ? matchSlowly(job) : matchQuickly(job);
  };

  const matchQuickly = async (job: Job): Promise<Match> => {
    const run = await quickLane.run(job);
    if (run.kind === 'answered') return run.match;
    if (run.kind !== 'not-run') slowPatterns.wasSlow(job.pattern);
    return matchSlowly(job); // which tells of a crash, too, for it may be another's doing: memory is shared
  };

  const matchSlowly = async (job: Job): Promise<Match> => {
    const run = await slowLane.run(job);
    if (run.kind === 'crashed') return { kind: 'invalid', detail: run.detail };
    if (run.kind === 'overrun') return OVERRUN;
    if (run.kind === 'not-run') return NOT_RUN;
    if (run.ranMs < quickMsMax) slowPatterns.wasQuick(job.pattern);
    return run.match;
  };

  const close = async (): Promise<void> => {
    await Promise.all([quickLane.close(), slowLane.close()]);
  };

  return { match, close };
};

/** Counts code points, as the database does, but only where it matters. */
const isTooLong = (pattern: string): boolean =>
  pattern.length > PATTERN_CHARACTERS_MAX && Array.from(pattern).length > PATTERN_CHARACTERS_MAX;
