import { LRUCache } from 'lru-cache';
import { defer, finalize, map, merge, type Observable, of, Subject, take, tap } from 'rxjs';
import type { Settled } from '../domain/check/check.ts';
import type { Lease } from '../domain/check/lease.ts';
import type { SkipReason } from '../domain/check/skip-reason.ts';
import { createSlowLane, type SlowLane, type SlowLaneHolder } from '../domain/slow-lane.ts';
import type { ChangedTarget } from './ports.ts';

/**
 * Which checks run, and in which lane. A slow check leaves its place to others: it moves to the slow lane, a
 * bound of its own, or is skipped if there is no room. A target has one running check at a time.
 */
export interface Lanes {
  /** Runs a check that is due, unless its slot has to be skipped. Emits once and never errors. */
  readonly run: (lease: Lease, check: Observable<Settled>) => Observable<Settled>;
  /** Call it every `TICK_MS` while checks run: moves the slow ones. */
  readonly tick: () => void;
  /** The checks that have run for over a second */
  readonly longRunning: () => readonly Lease[];
  /** Aborts the check of that version of a target; its slot is skipped */
  readonly drop: (changed: ChangedTarget) => void;
}

export interface LaneSettings {
  /** Slow checks that may run at once */
  readonly slowLaneSize: number;
  /** Whether so many places are taken that new checks may soon find none */
  readonly isCrowded: () => boolean;
  /** Called when the number of slow checks changes */
  readonly onSlow: (count: number) => void;
}

/**
 * Ages are counted in ticks, not in milliseconds: while the event loop is held up there are none, so a
 * worker's own fault makes no check slow.
 */
export const TICK_MS = 100;
const LONG_TICKS = 10;
const SLOW_TICKS = 20;
/** When places run short, the checks that have run longest move earlier, after this */
const CROWDED_TICKS = 2;

/** Targets whose last check was slow start in the slow lane. Forgetting one costs a place for two seconds. */
const SLOW_TARGETS_MAX = 100_000;
/** After so many in a row a target may show among the quick ones that it is quick again */
const REFUSALS_MAX = 8;

interface Running {
  readonly lease: Lease;
  readonly startedTick: number;
  readonly skipped: Subject<SkipReason>;
  isSlow: boolean;
}

export function createLanes({ slowLaneSize, isCrowded, onSlow }: LaneSettings): Lanes {
  const running = new Map<string, Running>(); // by target, in the order in which they started
  const slowLane = createSlowLane(slowLaneSize);
  const slowTargets = rememberSlowTargets();
  let ticks = 0;
  const skip = skipper(slowLane, () => ticks);

  const ageOf = ({ startedTick }: Running): number => ticks - startedTick;

  const slowDown = (one: Running): boolean => {
    if (!slowLane.enter(one.lease.target)) return false;
    one.isSlow = true;
    onSlow(slowLane.taken());
    return true;
  };

  const leave = (one: Running): void => {
    if (running.get(one.lease.target.id) !== one) return;
    running.delete(one.lease.target.id);
    slowTargets.ended(one.lease.target.id, ageOf(one) >= SLOW_TICKS);
    if (!one.isSlow) return;
    slowLane.leave(one.lease.target);
    onSlow(slowLane.taken());
  };

  /** Why a check cannot start now; null if it can, in a place of its own. */
  const refusal = (one: Running): SkipReason | null => {
    const { target } = one.lease;
    const former = running.get(target.id);
    const versionsAhead = former ? former.lease.target.version - target.version : -1;
    if (versionsAhead === 0) return 'still_running';
    if (versionsAhead > 0) return 'target_edited';
    former?.skipped.next('target_edited'); // and leaves its place
    if (!slowTargets.includes(target.id) || slowDown(one)) return null;
    return slowTargets.refused(target.id) ? 'slow_lane_full' : null;
  };

  return {
    run: (lease, check) =>
      defer(() => {
        const one: Running = { lease, startedTick: ticks, skipped: new Subject(), isSlow: false };
        const reason = refusal(one);
        if (reason !== null) return of(skip(lease, reason));
        running.set(lease.target.id, one);
        return merge(one.skipped.pipe(map(why => skip(lease, why))), check).pipe(
          take(1),
          tap(() => leave(one)), // before the check counts as settled, and its place as free
          finalize(() => leave(one)),
        );
      }),
    tick: () => {
      ticks += 1;
      for (const one of running.values()) {
        const age = ageOf(one);
        if (age < SLOW_TICKS && !(age >= CROWDED_TICKS && isCrowded())) break; // those behind are younger
        if (!one.isSlow && !slowDown(one) && age >= SLOW_TICKS) one.skipped.next('slow_lane_full');
      }
    },
    longRunning: () => {
      const leases: Lease[] = [];
      for (const one of running.values()) {
        if (ageOf(one) < LONG_TICKS) break;
        leases.push(one.lease);
      }
      return leases;
    },
    drop: ({ targetId, version, change }) => {
      const one = running.get(targetId);
      if (one?.lease.target.version === version) one.skipped.next(change);
    },
  };
}

/** Ends a slot that is skipped. Looks who holds most of the lane once a tick at most: thousands may be refused. */
function skipper(slowLane: SlowLane, tickNow: () => number) {
  let holdsMost: SlowLaneHolder | null = null;
  let lookedAtTick = -1;
  return (lease: Lease, reason: SkipReason): Settled => {
    if (reason !== 'slow_lane_full') return { kind: 'skipped', lease, reason };
    if (lookedAtTick !== tickNow()) holdsMost = slowLane.holdsMost();
    lookedAtTick = tickNow();
    return { kind: 'skipped', lease, reason, holdsMost };
  };
}

/** Remembers the targets whose last check was slow. */
function rememberSlowTargets() {
  const refusalsInARow = new LRUCache<string, number>({ max: SLOW_TARGETS_MAX });
  return {
    includes: (id: string): boolean => refusalsInARow.has(id),
    ended: (id: string, wasSlow: boolean): void => {
      if (wasSlow) refusalsInARow.set(id, 0);
      else refusalsInARow.delete(id);
    },
    /** Counts that a target found no place; false if it has waited long enough to start among the quick ones */
    refused: (id: string): boolean => {
      const count = (refusalsInARow.get(id) ?? 0) + 1;
      refusalsInARow.set(id, count);
      return count <= REFUSALS_MAX;
    },
  };
}
