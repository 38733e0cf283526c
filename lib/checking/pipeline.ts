import {
  BehaviorSubject,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  Subject,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import {
  hasRoom,
  type Limits,
  leased,
  leasesMax,
  type Occupancy,
  recorded,
  settled,
  VACANT,
} from '../domain/occupancy.ts';
import { coalesceMap } from '../operators/coalesce-map.ts';
import { gatherMap } from '../operators/gather-map.ts';
import { sleep } from '../operators/sleep.ts';
import { type CheckSettings, checkSlot } from './check-slot.ts';
import type { Ports, Recorded } from './ports.ts';

export interface PipelineSettings extends Limits, CheckSettings {
  /** How long before the next slot that is not leased yet falls due the clock asks for a lease pass: as
   * long as that may take. A pass leases further ahead than that, so that such passes are few and large. */
  readonly leadMs: number;
  /** Shortest time from one lease pass to the next that only the clock asks for */
  readonly paceMs: number;
  /** How long a finished check waits for others to be recorded with */
  readonly lingerMs: number;
}

/** Rows in one recording statement at most: larger ones were not cheaper a row */
const RECORDED_AT_ONCE = 500;

/**
 * The whole service: wake-ups lease due slots, as many as there is room for; each is checked; every
 * check is measured, and recorded.
 *
 * Emits what was recorded. Completes after `ports.stopping`, once everything leased is settled and recorded.
 */
export function monitor(ports: Ports, settings: PipelineSettings): Observable<Recorded> {
  const { hooks } = ports;
  const occupancy = new BehaviorSubject(VACANT);
  const occupy = (next: Occupancy): void => {
    occupancy.next(next);
    hooks.occupancy(next);
  };
  const nextDueInMs = new Subject<number>();

  const paced = (dueInMs: number) =>
    dueInMs === 0 ? 0 : Math.max(dueInMs - settings.leadMs, settings.paceMs);

  const due = nextDueInMs.pipe(switchMap(dueInMs => sleep(paced(dueInMs))));
  const placesFreed = occupancy.pipe(
    map(now => hasRoom(now, settings)),
    distinctUntilChanged(),
    filter(Boolean),
  );
  // With no room ask for nothing: the place that frees is itself a wake-up.
  const room = defer(() =>
    hasRoom(occupancy.value, settings) ? of(leasesMax(occupancy.value, settings)) : EMPTY,
  );
  // A wake-up may be owed when the stop comes: it leases nothing more. A lease under way is heard out.
  const leaseWhatThereIsRoomFor = room.pipe(takeUntil(ports.stopping), mergeMap(ports.lease));

  return merge(ports.wakeUps, due, placesFreed).pipe(
    takeUntil(ports.stopping), // here and not below, where it would cut off checks under way
    coalesceMap(() => leaseWhatThereIsRoomFor),
    tap(pass => {
      occupy(leased(occupancy.value, pass.leases.length));
      nextDueInMs.next(pass.nextDueInMs);
      hooks.pass(pass);
    }),
    mergeMap(pass => pass.leases),
    mergeMap(checkSlot(ports, settings), settings.workerNumber),
    tap(() => occupy(settled(occupancy.value, 1))),
    connect(checks =>
      merge(
        checks.pipe(tap(hooks.settled), ignoreElements()),
        checks.pipe(gatherMap(ports.record, { countMax: RECORDED_AT_ONCE, lingerMs: settings.lingerMs })),
      ),
    ),
    tap(report => {
      occupy(recorded(occupancy.value, report.settled.length));
      // What was given back is due at once, and the notification of it may have come before it was let go here.
      if (report.settled.some(({ kind }) => kind === 'returned')) nextDueInMs.next(0);
      hooks.recorded(report);
    }),
  );
}
