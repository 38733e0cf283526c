import {
  distinctUntilChanged,
  EMPTY,
  ignoreElements,
  interval,
  map,
  type Observable,
  switchMap,
  take,
  tap,
  throttleTime,
  timer,
} from 'rxjs';
import type { Occupancy } from '../domain/occupancy.ts';
import { coalesceMap } from '../operators/coalesce-map.ts';
import { type Lanes, TICK_MS } from './lanes.ts';
import type { Ports } from './ports.ts';

/** Least time between two looks at what has changed */
const LOOK_MS = 1_000;
/** By then a check that was leased ahead before the change has run for over a second, too */
const LOOK_AGAIN_MS = 1_500;

/** Moves slow checks to their lane, for as long as any checks run. Idle, it costs nothing. */
export const moveSlow = (lanes: Lanes, occupancy: Observable<Occupancy>): Observable<never> =>
  occupancy.pipe(
    map(({ running }) => running > 0),
    distinctUntilChanged(),
    switchMap(isBusy => (isBusy ? interval(TICK_MS) : EMPTY)), // only the newest state counts
    tap(lanes.tick),
    ignoreElements(),
  );

/** After wake-ups, ends long-running checks whose targets were edited, disabled or deleted. */
export const dropChanged = (
  lanes: Lanes,
  wakeUps: Observable<unknown>,
  findChanged: NonNullable<Ports['findChanged']>,
): Observable<never> =>
  wakeUps.pipe(
    throttleTime(LOOK_MS, undefined, { leading: true, trailing: true }),
    switchMap(() => timer(0, LOOK_AGAIN_MS).pipe(take(2))), // the second sees checks that were younger at the first
    coalesceMap(() => {
      const running = lanes.longRunning();
      return running.length === 0 ? EMPTY : findChanged(running);
    }),
    tap(found => {
      for (const changed of found) lanes.drop(changed);
    }),
    ignoreElements(),
  );
