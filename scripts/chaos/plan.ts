import { type Random, type Range, randomInteger } from '../support/random.ts';

/** Faults of one worker. */
export const WORKER_FAULTS = [
  'kill-worker',
  'pause-worker',
  'stop-worker',
  'blackhole-listen',
  'blackhole-query',
] as const;

/** Faults of what all workers share. */
export const SHARED_FAULTS = [
  'restart-fast',
  'restart-immediate',
  'kill-backend',
  'kill-postmaster',
  'stop-database',
  'terminate-sessions',
  'cut-connections',
  'change-targets',
] as const;

export type WorkerFault = (typeof WORKER_FAULTS)[number];
export type SharedFault = (typeof SHARED_FAULTS)[number];
export type FaultKind = WorkerFault | SharedFault;

interface Held {
  /** How long it lasts; 0 for a momentary fault */
  readonly holdMs: number;
}

interface OfWorker extends Held {
  readonly kind: WorkerFault;
  /** Index of the victim */
  readonly worker: number;
}

interface OfAll extends Held {
  readonly kind: SharedFault;
  readonly worker: null;
}

export type Fault = OfWorker | OfAll;

/** One fault, or two at once, followed by recovery and some calm. */
export interface Strike {
  readonly faults: readonly Fault[];
  readonly calmMs: number;
}

export interface PlanSettings {
  readonly workers: number;
  /** A pause must last longer than this */
  readonly leaseMs: number;
  /** Longest time for which the database stays stopped */
  readonly outageMsMax: number;
}

const CALM_MS: Range = { min: 500, max: 3_000 };
const PAIRS_PERCENT = 25;

/**
 * An endless sequence of strikes, reproducible from the random numbers. Each round has every kind of fault once,
 * in a new order. Of two at once, one hits a worker and the other what all share.
 */
export function* planStrikes(random: Random, settings: PlanSettings): Generator<Strike, never> {
  const oneOf: Range = { min: 0, max: settings.workers - 1 };
  const holdOf = (kind: FaultKind): number => randomInteger(random, holdRange(kind, settings));
  const faultOf = (kind: FaultKind): Fault =>
    isOfWorker(kind)
      ? { kind, worker: randomInteger(random, oneOf), holdMs: holdOf(kind) }
      : { kind, worker: null, holdMs: holdOf(kind) };
  for (;;) {
    for (const kind of shuffled(random, [...WORKER_FAULTS, ...SHARED_FAULTS])) {
      const others = isOfWorker(kind) ? SHARED_FAULTS : WORKER_FAULTS;
      const other = others[randomInteger(random, { min: 0, max: others.length - 1 })];
      const isPair = other !== undefined && random() * 100 < PAIRS_PERCENT;
      const kinds = isPair ? [kind, other] : [kind];
      yield { faults: kinds.map(faultOf), calmMs: randomInteger(random, CALM_MS) };
    }
  }
}

const isOfWorker = (kind: FaultKind): kind is WorkerFault =>
  (WORKER_FAULTS as readonly string[]).includes(kind);

const holdRange = (kind: FaultKind, { leaseMs, outageMsMax }: PlanSettings): Range => {
  switch (kind) {
    case 'pause-worker':
      return { min: leaseMs + 1_000, max: leaseMs + 4_000 };
    case 'blackhole-listen':
    case 'blackhole-query':
      return { min: 3_000, max: 12_000 };
    case 'kill-postmaster':
      return { min: 0, max: 2_000 };
    case 'stop-database':
      return { min: Math.min(5_000, outageMsMax), max: outageMsMax };
    case 'terminate-sessions':
    case 'cut-connections':
    case 'change-targets':
      return { min: 3_000, max: 6_000 };
    default:
      return { min: 0, max: 0 };
  }
};

/** A shuffled copy, every order equally likely (Fisher–Yates). */
function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const rest = [...items];
  return items.flatMap(() => rest.splice(randomInteger(random, { min: 0, max: rest.length - 1 }), 1));
}
