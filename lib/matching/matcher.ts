import type { Ports } from '../checking/ports.ts';
import type { Match } from '../domain/check/match.ts';
import { type Optional, withDefaults } from '../domain/with-defaults.ts';
import { contains } from './contains.ts';
import { createLane } from './lane.ts';
import { literalOf } from './literal.ts';
import type { Job } from './runner.ts';
import { createSlowPatterns } from './slow-patterns.ts';

/** Limits of searching. Times are milliseconds of CPU time of the thread, so a busy machine uses up none. */
export interface MatcherSettings {
  /** Longest run of a search in the quick lane; default 100, some ten times what 1 MiB takes an ordinary pattern */
  readonly quickMsMax: number;
  /** Longest run of a search; beyond it the pattern has overrun; default 250 */
  readonly runMsMax: number;
  /**
   * Longest time to wait and run together in each lane; beyond it the search counts as not run; default 1500. As
   * many milliseconds may pass in all, and beside them those of the slack that `match` is given
   */
  readonly patienceMs: number;
  /** Searches that may run or wait in a lane; others count as not run. Allow for every running check; default 1000 */
  readonly jobsMax: number;
  /** Heap of each of the two threads; a search that needs more makes its pattern invalid; default 256 */
  readonly heapMiB: number;
}

/** Runs searches on two threads of its own, which start when first needed. */
export interface Matcher {
  readonly match: Ports['match'];
  /** Ends the threads. Searches that run, wait or come later count as not run. */
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
 * Searches bodies for RE2 patterns without blocking the event loop.
 *
 * A literal pattern is searched in place, in slices if it and the body are long. Any other goes to the quick
 * lane, a thread that stops each search at `quickMsMax`. A search stopped there starts over in the slow lane,
 * which stops it at `runMsMax`. A pattern that was slow stays in the slow lane until it has been quick there
 * for a while. So a slow pattern delays quick ones by `quickMsMax` now and then, and otherwise only other slow
 * ones.
 *
 * `match` never throws and never rejects.
 */
export const createMatcher = (settings: Optional<MatcherSettings> = {}): Matcher => {
  const { quickMsMax, runMsMax, patienceMs, jobsMax, heapMiB } = withDefaults(DEFAULTS, settings);
  const lane = { patienceMs, jobsMax, heapMiB };
  const quickLane = createLane({ ...lane, runMsMax: Math.min(quickMsMax, runMsMax) });
  const slowLane = createLane({ ...lane, runMsMax });
  const slowPatterns = createSlowPatterns(SLOW_PATTERNS_REMEMBERED_MAX);

  const match = async (pattern: string, body: string, slackMs = 0): Promise<Match> => {
    if (isTooLong(pattern)) return TOO_LONG;
    const literal = literalOf(pattern);
    if (literal !== null) return (await contains(body, literal)) ? FOUND : ABSENT;
    const job = { pattern, body, deadlineMonotonicMs: performance.now() + patienceMs + slackMs };
    return slowPatterns.includes(pattern) ? matchSlowly(job) : matchQuickly(job);
  };

  const matchQuickly = async (job: Job): Promise<Match> => {
    const run = await quickLane.run(job);
    if (run.kind === 'answered') return run.match;
    if (run.kind !== 'not-run') slowPatterns.wasSlow(job.pattern);
    return matchSlowly(job); // after a crash, too: the memory may have gone to another pattern's automaton
  };

  const matchSlowly = async (job: Job): Promise<Match> => {
    const run = await slowLane.run(job);
    if (run.kind === 'crashed') return { kind: 'invalid', detail: run.detail };
    if (run.kind === 'overrun') return OVERRUN;
    if (run.kind === 'not-run') return NOT_RUN;
    if (run.cpuMs < quickMsMax) slowPatterns.wasQuick(job.pattern);
    return run.match;
  };

  const close = async (): Promise<void> => {
    await Promise.all([quickLane.close(), slowLane.close()]);
  };

  return { match, close };
};

/** Counts code points, as the database does, but only if the UTF-16 length exceeds the limit. */
const isTooLong = (pattern: string): boolean =>
  pattern.length > PATTERN_CHARACTERS_MAX && Array.from(pattern).length > PATTERN_CHARACTERS_MAX;
