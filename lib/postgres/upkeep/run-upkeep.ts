import { connect, endWith, filter, ignoreElements, merge, type Observable, takeUntil, tap } from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Database } from '../database.ts';
import { keepPartitions } from './keep-partitions.ts';
import { noteOnTargets } from './note-on-targets.ts';
import { rollUp } from './roll-up.ts';

export interface KeepUpSettings {
  /** How long results, failures and gaps are kept */
  readonly retentionDays: number;
  readonly monotonicMs: () => number;
  /** Told what failed, in words; it is tried again, or another worker does it */
  readonly onTrouble: (what: string, error: unknown) => void;
  /** Told how many partitions of old history were dropped */
  readonly onDropped?: (count: number) => void;
}

/**
 * What a worker does for its database beside checking, for as long as it records: notes on targets what their checks
 * have shown, rolls up, and makes and drops partitions. Emits nothing; completes with the source.
 */
export function runUpkeep(database: Database, settings: KeepUpSettings) {
  const { retentionDays, monotonicMs, onDropped = () => {} } = settings;
  const trouble = (what: string) => (error: unknown) => settings.onTrouble(what, error);
  const note = noteOnTargets(database, {
    onTrouble: trouble('certificates or patterns could not be noted'),
    monotonicMs,
  });
  const addUp = rollUp(database, { onTrouble: trouble('checks could not be rolled up; tried again later') });
  const partitions = keepPartitions(database, {
    retentionDays,
    onTrouble: trouble('partitions could not be made or dropped; tried again in an hour'),
  }).pipe(
    filter(count => count > 0),
    tap(onDropped),
    ignoreElements(),
  );

  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      connect(source =>
        merge(
          note(source),
          addUp(source),
          partitions.pipe(takeUntil(source.pipe(ignoreElements(), endWith(null)))),
        ),
      ),
    );
}
