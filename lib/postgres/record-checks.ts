import { defer } from 'rxjs';
import { backoffMs, DATABASE_BACKOFF } from '../domain/backoff.ts';
import type { Check } from '../domain/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import type { Target } from '../domain/target.ts';
import { retryWithBackoff } from '../operators/retry-with-backoff.ts';
import type { Ports, Saved } from '../ports.ts';
import type { Database } from './database.ts';
import { describeError, isAboutTheData } from './error-codes.ts';
import type { BatchChanges, HeldBatches } from './held-batches.ts';
import { statement } from './sql-file.ts';

export interface RecordSettings {
  /** Name in `failure_log` */
  readonly worker: string;
  readonly onTrouble: (error: unknown, attempt: number) => void;
}

/**
 * Records checks and releases their batches in one statement, sent until it is done.
 *
 * A row that the database refuses for its content does not take its neighbours with it: the batch is
 * halved until the row is alone, and then recorded as `unknown` without what was refused.
 */
export function recordChecks(
  database: Database,
  held: HeldBatches,
  settings: RecordSettings,
): Ports['record'] {
  const text = statement('record');

  const send = async (checks: readonly Check[], changes: BatchChanges): Promise<Check[]> => {
    const values = [
      changes.held.map(({ batchId }) => batchId),
      changes.held.map(({ epoch }) => epoch),
      settings.worker,
      changes.released,
      changes.givenBack,
      ...columns(checks),
    ];
    const once = () => database.query<{ ordinal: number }>(text, values, 'website_monitor.record');
    let rows = await once();
    // An earlier sending, cut off from us, may have committed while this one waited for its locks: only
    // the snapshot of a further one shows whose these records are.
    if (rows.length < checks.length) rows = await once();
    return rows.flatMap(({ ordinal }) => checks[ordinal - 1] ?? []);
  };

  /** Without releases: those come last, when every half is in. */
  const sendHalves = async (checks: readonly Check[], changes: BatchChanges): Promise<Outcome> => {
    try {
      const recorded = await send(checks, { ...changes, released: [], givenBack: [] });
      return { recorded, rejectedCount: 0 };
    } catch (error) {
      if (!isAboutTheData(error)) throw error;
      const [only, ...others] = checks;
      if (only && others.length === 0) {
        settings.onTrouble(error, 0);
        return {
          recorded: await send([withoutContent(only, error)], { ...changes, released: [], givenBack: [] }),
          rejectedCount: 1,
        };
      }
      const middle = checks.length >> 1;
      const first = await sendHalves(checks.slice(0, middle), changes);
      const second = await sendHalves(checks.slice(middle), changes);
      return {
        recorded: [...first.recorded, ...second.recorded],
        rejectedCount: first.rejectedCount + second.rejectedCount,
      };
    }
  };

  const save = async (checks: readonly Check[], changes: BatchChanges): Promise<Outcome> => {
    try {
      return { recorded: await send(checks, changes), rejectedCount: 0 };
    } catch (error) {
      if (!isAboutTheData(error)) throw error;
      const outcome = await sendHalves(checks, changes);
      await send([], changes);
      return outcome;
    }
  };

  return settled => {
    const changes = held.settle(settled);
    const checks = settled.filter(one => one.kind === 'checked');
    return defer(async (): Promise<Saved> => {
      const { recorded, rejectedCount } = await save(checks, changes);
      held.forget(changes);
      return {
        settled,
        recorded,
        rejectedCount,
        lostLeaseCount: checks.length - recorded.length,
      };
    }).pipe(
      retryWithBackoff(attempt => backoffMs(DATABASE_BACKOFF, attempt, Math.random()), settings.onTrouble),
    );
  };
}

interface Outcome {
  readonly recorded: readonly Check[];
  readonly rejectedCount: number;
}

/** One array for each parameter of `record.sql` from the sixth on, in its order. */
const columns = (checks: readonly Check[]): unknown[][] => [
  checks.map(({ lease }) => lease.batchId),
  checks.map(({ lease }) => lease.slot.targetId),
  checks.map(({ lease }) => lease.slot.scheduledAt),
  checks.map(({ startedAtMs }) => startedAtMs),
  checks.map(({ verdict }) => verdict.outcome),
  checks.map(({ lease }) => lease.target.version),
  checks.map(({ phases }) => phases.totalUs),
  checks.map(({ phases }) => phases.dnsUs),
  checks.map(({ phases }) => phases.connectUs),
  checks.map(({ phases }) => phases.tlsUs),
  checks.map(({ phases }) => phases.ttfbUs),
  checks.map(({ phases }) => phases.transferUs),
  checks.map(({ verdict }) => (verdict.outcome === 'up' ? null : verdict.cause)),
  checks.map(({ httpStatus }) => httpStatus),
  checks.map(({ regexMatch }) => regexMatch),
  checks.map(({ bodyCut }) => bodyCut),
  checks.map(({ verdict }) => (verdict.outcome === 'up' ? null : cleanDetail(verdict.detail))),
  checks.map(({ verdict, lease }) => (verdict.outcome === 'up' ? null : snapshot(lease.target))),
];

/** What was checked, for the failure log, which outlives the target: names of headers, not their values. */
const snapshot = ({ headers, ...target }: Target): string =>
  JSON.stringify({ ...target, headers: Object.keys(headers) });

const withoutContent = (check: Check, error: unknown): Check => ({
  ...check,
  verdict: {
    outcome: 'unknown',
    cause: 'internal_error',
    detail: `the result could not be stored: ${describeError(error)}`,
  },
  httpStatus: null,
  phases: { dnsUs: null, connectUs: null, tlsUs: null, ttfbUs: null, transferUs: null, totalUs: 0 },
  lease: { ...check.lease, target: { ...check.lease.target, url: '', headers: {}, regexPattern: null } },
});
