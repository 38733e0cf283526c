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
 * Returns every breach of an invariant in the history and the tables; an empty array if all hold.
 *
 * Assumes only that clocks run at the same rate: setting the database's clock meanwhile makes leases seem to
 * overlap.
 *
 * @param history of all workers that ever ran on the database, in order per worker; a killed worker's may lack its
 *   last line. Read it, like the tables, while no worker runs.
 * @param requests the website's log, if it is ours
 */
export function findBreaches(
  history: readonly HistoryEvent[],
  tables: Tables,
  requests: readonly LoggedRequest[] | null = null,
): readonly Breach[] {
  const evidence = gatherEvidence(history, tables, requests);
  return INSPECTIONS.flatMap(inspect => inspect(evidence));
}
