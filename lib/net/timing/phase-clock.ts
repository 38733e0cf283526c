import type { Phases } from '../../domain/check/answer.ts';

export type Phase = 'dns' | 'connect' | 'tls' | 'ttfb' | 'transfer';

/** Measures the phases of one hop. */
export interface PhaseClock {
  /** The current phase; null before the first and after `leave` */
  readonly current: () => Phase | null;
  /** Ends the current phase and begins `phase` at the same moment */
  readonly enter: (phase: Phase) => void;
  /** Ends the current phase, because the hop is over or waits for us */
  readonly leave: () => void;
  /** When a phase last began or ended, on the clock of `nowMs` */
  readonly turnedMs: () => number;
  /** The measurements up to the last `leave` */
  readonly phases: () => Phases;
}

/** @param nowMs monotonic; an argument so that tests choose it */
export function startPhaseClock(nowMs: () => number = () => performance.now()): PhaseClock {
  const startedMs = nowMs();
  const spentMs = new Map<Phase, number>();
  let current: Phase | null = null;
  let turnedMs = startedMs;

  const turnTo = (next: Phase | null): void => {
    const turningMs = nowMs();
    if (current !== null) spentMs.set(current, (spentMs.get(current) ?? 0) + turningMs - turnedMs);
    current = next;
    turnedMs = turningMs;
  };

  const spentUs = (phase: Phase): number | null => {
    const ms = spentMs.get(phase);
    return ms === undefined ? null : wholeUs(ms);
  };

  return {
    current: () => current,
    enter: turnTo,
    leave: () => turnTo(null),
    turnedMs: () => turnedMs,
    phases: () => ({
      dnsUs: spentUs('dns'),
      connectUs: spentUs('connect'),
      tlsUs: spentUs('tls'),
      ttfbUs: spentUs('ttfb'),
      transferUs: spentUs('transfer'),
      totalUs: wholeUs(turnedMs - startedMs),
    }),
  };
}

/** Rounded down, so that phases never add up to more than the total. */
const wholeUs = (ms: number): number => Math.floor(ms * 1000);
