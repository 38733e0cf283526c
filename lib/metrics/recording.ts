import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../domain/cause.ts';
import type { Check } from '../domain/check.ts';
import type { Measure } from '../ports.ts';
import {
  type Catalogue,
  DATABASE_OPERATIONS,
  type DatabaseOperation,
  DROP_REASONS,
  GIVE_BACK_REASONS,
  RECHECK_RESULTS,
} from './catalogue.ts';

/** What the service tells its metrics: the pipeline's part, and that of the database's adapters. */
export interface Recording extends Omit<Measure, 'started' | 'rechecking'> {
  readonly retried: (operation: DatabaseOperation) => void;
  readonly listening: (isUp: boolean) => void;
  readonly certificates: (known: {
    readonly earliestExpiryS: number | null;
    readonly expiringCount: number;
  }) => void;
}

export function createRecording(catalogue: Catalogue): Recording {
  startAtZero(catalogue);
  return {
    occupancy: ({ running, unsaved }) => {
      catalogue.checksRunning.set(running);
      catalogue.checksUnsaved.set(unsaved);
    },
    pass: ({ leases, slotsMissed }) => {
      catalogue.leasePassSize.observe(leases.length);
      catalogue.slotsMissed.inc(slotsMissed);
    },
    settled: settled => {
      if (settled.kind === 'checked') measureCheck(catalogue, settled);
      else catalogue.slotsGivenBack.inc({ reason: settled.reason });
    },
    saved: ({ recorded, turned, lostLeaseCount, rejectedCount }) => {
      for (const { to } of turned) catalogue.turns.inc({ to });
      catalogue.recordBatchSize.observe(recorded.length);
      catalogue.checksDropped.inc({ reason: 'lost_lease' }, lostLeaseCount);
      catalogue.checksDropped.inc({ reason: 'rejected_row' }, rejectedCount);
    },
    retried: operation => catalogue.databaseRetries.inc({ operation }),
    listening: isUp => catalogue.listening.set(isUp ? 1 : 0),
    certificates: ({ earliestExpiryS, expiringCount }) => {
      catalogue.certificateExpiry.set(earliestExpiryS ?? 0);
      catalogue.certificatesExpiring.set(expiringCount);
    },
  };
}

function measureCheck(catalogue: Catalogue, check: Check): void {
  const { verdict, phases, startedAtMs, lease, rechecks } = check;
  const { outcome } = verdict;
  catalogue.checks.inc({ outcome, cause: verdict.outcome === 'up' ? 'none' : verdict.cause });
  if (rechecks) catalogue.rechecks.inc({ result: verdict.outcome === 'down' ? 'confirmed' : 'averted' });
  catalogue.checkDuration.observe({ outcome }, phases.totalUs / 1e6);
  // A database clock that is set back would make this negative, and spoil the sum.
  catalogue.scheduleLag.observe(Math.max(0, startedAtMs - lease.scheduledAtMs) / 1e3);
}

/** A series that first appears with its first fault hides that fault from `rate()`. */
function startAtZero(catalogue: Catalogue): void {
  catalogue.checks.inc({ outcome: 'up', cause: 'none' }, 0);
  for (const cause of DOWN_CAUSES) catalogue.checks.inc({ outcome: 'down', cause }, 0);
  for (const cause of UNKNOWN_CAUSES) catalogue.checks.inc({ outcome: 'unknown', cause }, 0);
  for (const reason of DROP_REASONS) catalogue.checksDropped.inc({ reason }, 0);
  for (const reason of GIVE_BACK_REASONS) catalogue.slotsGivenBack.inc({ reason }, 0);
  for (const result of RECHECK_RESULTS) catalogue.rechecks.inc({ result }, 0);
  for (const to of ['down', 'up']) catalogue.turns.inc({ to }, 0);
  for (const operation of DATABASE_OPERATIONS) catalogue.databaseRetries.inc({ operation }, 0);
}
