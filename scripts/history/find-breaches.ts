import type { HistoryEvent } from '../../lib/history/event.ts';
import type { Breach, Inspection } from './breach.ts';
import { inspectAnswers } from './breaches/answers.ts';
import { inspectClocks } from './breaches/clocks.ts';
import { inspectLeases } from './breaches/leases.ts';
import { inspectRecords } from './breaches/records.ts';
import { inspectSchedule } from './breaches/schedule.ts';
import { inspectStarts } from './breaches/starts.ts';
import { inspectWebsite } from './breaches/website.ts';
import { gatherEvidence } from './evidence.ts';
import type { LoggedRequest, Tables } from './tables.ts';

const INSPECTIONS: readonly Inspection[] = [
  inspectRecords,
  inspectAnswers,
  inspectLeases,
  inspectStarts,
  inspectSchedule,
  inspectClocks,
  inspectWebsite,
];

/**
 * Every breach of the invariants that a history and the tables can show; none where all is well.
 *
 * It takes nothing on trust but clocks that run at one rate: a database clock that is set during the
 * history makes leases seem to overlap.
 *
 * @param history of all workers that have ever run on the database, each worker's in its order; one
 *   that was killed may lack its last line. To be read, as the tables are, while none of them runs.
 * @param requests the website's own log, where it is ours
 */
export function findBreaches(
  history: readonly HistoryEvent[],
  tables: Tables,
  requests: readonly LoggedRequest[] | null = null,
): readonly Breach[] {
  const evidence = gatherEvidence(history, tables, requests);
  return INSPECTIONS.flatMap(inspect => inspect(evidence));
}
