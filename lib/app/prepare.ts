import { defer, map, type Observable, of, switchMap, tap } from 'rxjs';
import { channelKind } from '../channels/address/channel-url.ts';
import { localZone } from '../domain/local-zone.ts';
import { type AlertChannel, addAlertChannels } from '../postgres/channels/add-alert-channels.ts';
import type { Database } from '../postgres/database.ts';
import { waiting, whenPrepared } from '../postgres/prepare-database.ts';
import { type Added, addAllTargets, type NewTargets } from '../postgres/targets/add-targets.ts';
import type { Reporter } from './reporter.ts';

export interface PrepareSettings {
  /** False: refuse a schema that is not current instead of changing it */
  readonly migrate: boolean;
  /** Added before the first check, or changed where they are known */
  readonly websites: readonly NewTargets[];
  /** Of channels; each is added unless a channel has it */
  readonly alertUrls: readonly string[];
}

/**
 * Waits for the database, brings its schema up to date, and adds channels, then websites. Emits once, when that is done.
 *
 * Errors where waiting is of no use: a SchemaError, or what PostgreSQL refuses for good.
 */
export const prepare = (
  database: Database,
  { migrate, websites, alertUrls }: PrepareSettings,
  report: Reporter,
): Observable<void> =>
  whenPrepared(database, { migrate, onWaiting: report.waiting }).pipe(
    tap(applied => applied.length > 0 && report.migrated(applied)),
    switchMap(() => (alertUrls.length === 0 ? of([]) : addChannels(database, alertUrls, report))),
    tap(channels => channels.forEach(report.channelAdded)),
    switchMap(() => (websites.length === 0 ? of([]) : add(database, websites, report))),
    map(added => added.forEach(report.targetAdded)),
  );

/** Idempotent, so that it may be tried again after a cut that hides whether it was committed. */
const add = (
  database: Database,
  websites: readonly NewTargets[],
  report: Reporter,
): Observable<readonly Added[]> =>
  defer(() => addAllTargets(database, websites)).pipe(waiting(report.waiting));

/** Likewise. */
const addChannels = (
  database: Database,
  urls: readonly string[],
  report: Reporter,
): Observable<readonly AlertChannel[]> => {
  const wanted = urls.map(url => ({ url, kind: channelKind(url) ?? 'webhook' }));
  return defer(() => addAlertChannels(database, wanted, localZone())).pipe(waiting(report.waiting));
};
