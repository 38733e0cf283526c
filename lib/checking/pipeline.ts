import {
  BehaviorSubject,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  share,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import type { Settled } from '../domain/check/check.ts';
import {
  hasRoom,
  type Limits,
  leased,
  leasesMax,
  type Occupancy,
  placesTaken,
  recorded,
  settled,
  VACANT,
} from '../domain/occupancy.ts';
import { SETTING_LIMITS } from '../domain/setting-limits.ts';
import { beside } from '../operators/beside.ts';
import { coalesceMap } from '../operators/coalesce-map.ts';
import { gatherMap } from '../operators/gather-map.ts';
import { sleep } from '../operators/sleep.ts';
import { type CheckSettings, checkSlot } from './check-slot.ts';
import { createLanes } from './lanes.ts';
import type { LeasePass, Ports, Recorded } from './ports.ts';
import { dropChanged, moveSlow } from './watch-running.ts';

/** How much the pipeline runs at once, and when. `PACE` has the service's own times. */
export interface PipelineSettings extends Limits, CheckSettings {
  /** Checks of over two seconds that may run at once, in a lane of their own; default 4096 */
  readonly slowLaneSize?: number | undefined;
  /**
   * How long before the next unleased slot falls due the timer asks for a lease pass: the time that such a
   * pass may take. A pass leases further ahead than this, which keeps passes few and large.
   */
  readonly leadMs: number;
  /** Least time between two lease passes that the timer asks for; other wake-ups do not wait for it */
  readonly paceMs: number;
  /** How long a finished check waits to be recorded together with others */
  readonly lingerMs: number;
}

/** Larger batches were measured to be no cheaper per row. */
const RECORD_BATCH_MAX = 500;

/**
 * The whole service as one stream: wake-ups lease due slots, as many as there is room for; each slot is
 * checked, in the lane that it belongs to, and checks are recorded in batches.
 *
 * Emits each recorded batch. Completes after `ports.stopping` has emitted and all leased slots are recorded
 * or given back. Never errors as long as the ports keep their promises.
 */
export const monitor = (ports: Ports, settings: PipelineSettings): Observable<Recorded> =>
  defer(() => run(ports, settings)); // each subscription counts its own places

function run(ports: Ports, settings: PipelineSettings): Observable<Recorded> {
  const { hooks } = ports;
  const { slowLaneSize = SETTING_LIMITS.slowLaneSize.byDefault } = settings;
  const runningMax = settings.workerNumber + slowLaneSize;
  const occupancy = new BehaviorSubject(VACANT); // feeds freed places back into `placesFreed`
  const nextDueInMs = new Subject<number>(); // feeds the schedule back into `slotDue`
  const slotsReturned = new Subject<void>(); // they are due at once; not through `slotDue`, where a pass may overrule it

  const occupy = (now: Occupancy): void => {
    occupancy.next(now);
    hooks.occupancy(now);
  };
  const lanes = createLanes({
    slowLaneSize,
    isCrowded: () => placesTaken(occupancy.value) > settings.workerNumber / 2,
    onSlow: slow => occupy({ ...occupancy.value, slow }),
  });
  const onPass = (pass: LeasePass): void => {
    occupy(leased(occupancy.value, pass.leases.length));
    nextDueInMs.next(pass.nextDueInMs);
    hooks.pass(pass);
  };
  const onSettled = (one: Settled): void => {
    occupy(settled(occupancy.value, 1));
    hooks.settled(one);
  };
  const onRecorded = (report: Recorded): void => {
    occupy(recorded(occupancy.value, report.settled.length));
    // Their notification may have come before this worker had room.
    if (report.settled.some(({ kind }) => kind === 'returned')) slotsReturned.next();
    hooks.recorded(report);
  };

  const wakeUps = ports.wakeUps.pipe(takeUntil(ports.stopping), share());
  const slotDue = nextDueInMs.pipe(switchMap(dueInMs => sleep(paced(dueInMs, settings)))); // the newest counts
  const placesFreed = occupancy.pipe(
    map(now => hasRoom(now, settings)),
    distinctUntilChanged(),
    filter(Boolean),
  );
  // Without room it leases nothing: the place that frees is itself a wake-up.
  const room = defer(() =>
    hasRoom(occupancy.value, settings) ? of(leasesMax(occupancy.value, settings)) : EMPTY,
  );
  // After a stop, a wake-up that is still owed leases nothing; a lease query under way may finish.
  const leaseDueSlots = room.pipe(takeUntil(ports.stopping), mergeMap(ports.lease));

  return merge(wakeUps, slotDue, placesFreed, slotsReturned).pipe(
    takeUntil(ports.stopping), // above the lease; below it, this would cut off checks under way
    coalesceMap(() => leaseDueSlots), // one at a time; wake-ups meanwhile cause exactly one more
    tap(onPass),
    mergeMap(pass => pass.leases),
    mergeMap(checkSlot(ports, settings, lanes.run), runningMax), // never queues: a pass leases only free places
    tap(onSettled),
    gatherMap(ports.record, { countMax: RECORD_BATCH_MAX, lingerMs: settings.lingerMs }),
    tap(onRecorded),
    beside(moveSlow(lanes, occupancy), dropChanged(lanes, wakeUps, ports.findChanged ?? (() => EMPTY))),
  );
}

/** How long to sleep before asking for a slot that falls due in `dueInMs`. */
const paced = (dueInMs: number, { leadMs, paceMs }: PipelineSettings): number =>
  dueInMs === 0 ? 0 : Math.max(dueInMs - leadMs, paceMs);
