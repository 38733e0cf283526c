import { defer } from 'rxjs';
import type { Ports, Recorded, Transition } from '../../checking/ports.ts';
import { backoffMs, DATABASE_BACKOFF } from '../../domain/backoff.ts';
import { NO_PHASES } from '../../domain/check/answer.ts';
import { type Check, regexMatchOf, type Skipped } from '../../domain/check/check.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import { redactUrl } from '../../domain/redact.ts';
import type { Target } from '../../domain/target/target.ts';
import { retryWithBackoff } from '../../operators/retry-with-backoff.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { describeError, isAboutTheData } from '../error-codes.ts';
import type { BatchChanges, HeldBatches } from './held-batches.ts';

/** Who records, and who hears of failures. */
export interface RecordSettings {
  /** Name in `failure_log` */
  readonly worker: string;
  readonly onTrouble: (error: unknown, attempt: number) => void;
}

/**
 * Records checks and gaps and releases their batches in one statement, retried until it succeeds.
 *
 * If the database rejects the content of a row, only that row is affected: the batch is halved until the row
 * is alone, and the row is then recorded as `unknown` without its content.
 */
export function recordChecks(
  database: Database,
  held: HeldBatches,
  settings: RecordSettings,
): Ports['record'] {
  const send = sender(database, settings.worker);

  /** Sends no releases: they follow once every half is recorded. */
  const sendHalves = async (checks: readonly Check[], changes: BatchChanges): Promise<Outcome> => {
    const unreleased = { ...changes, released: [], givenBack: [] };
    try {
      return { ...(await send(checks, [], unreleased)), rejectedCount: 0 };
    } catch (error) {
      if (!isAboutTheData(error)) throw error;
      const [only, ...others] = checks;
      if (only && others.length === 0) {
        settings.onTrouble(error, 0);
        return { ...(await send([withoutContent(only, error)], [], unreleased)), rejectedCount: 1 };
      }
      const middle = checks.length >> 1;
      const first = await sendHalves(checks.slice(0, middle), changes);
      const second = await sendHalves(checks.slice(middle), changes);
      return {
        recorded: [...first.recorded, ...second.recorded],
        transitions: [...first.transitions, ...second.transitions],
        rejectedCount: first.rejectedCount + second.rejectedCount,
      };
    }
  };

  const write = async (
    checks: readonly Check[],
    skipped: readonly Skipped[],
    changes: BatchChanges,
  ): Promise<Outcome> => {
    try {
      return { ...(await send(checks, skipped, changes)), rejectedCount: 0 };
    } catch (error) {
      if (!isAboutTheData(error)) throw error;
      const outcome = await sendHalves(checks, changes);
      await send([], skipped, changes);
      return outcome;
    }
  };

  return settled => {
    const changes = held.settle(settled);
    const checks = settled.filter(one => one.kind === 'checked');
    const skipped = settled.filter(one => one.kind === 'skipped');
    return defer(async (): Promise<Recorded> => {
      const outcome = await write(checks, skipped, changes);
      held.forget(changes);
      return { settled, ...outcome, lostLeaseCount: checks.length - outcome.recorded.length };
    }).pipe(
      retryWithBackoff(attempt => backoffMs(DATABASE_BACKOFF, attempt, Math.random()), settings.onTrouble),
    );
  };
}

interface RecordedRow extends Record<string, unknown> {
  /** 1 = the first check */
  readonly ordinal: number;
  readonly transition: Transition['to'] | null;
}

type Outcome = Pick<Recorded, 'recorded' | 'transitions' | 'rejectedCount'>;

type Send = (
  checks: readonly Check[],
  skipped: readonly Skipped[],
  changes: BatchChanges,
) => Promise<Pick<Outcome, 'recorded' | 'transitions'>>;

/** Returns a function that sends `record.sql`. */
function sender(database: Database, worker: string): Send {
  const text = statement('record');
  return async (checks, skipped, changes) => {
    const values = [
      changes.held.map(({ batchId }) => batchId),
      changes.held.map(({ epoch }) => epoch),
      worker,
      changes.released,
      changes.givenBack,
      ...gapColumns(skipped),
      ...columns(checks),
    ];
    const once = () => database.query<RecordedRow>(text, values, 'website_monitor.record');
    const first = await once();
    // An earlier attempt, whose connection was cut, may have committed while this one waited for its locks.
    // Only the snapshot of another statement shows whose records these are.
    const rows = first.length < checks.length ? await once() : first;
    const checkOf = ({ ordinal }: RecordedRow): readonly Check[] => checks.slice(ordinal - 1, ordinal);
    return {
      recorded: rows.flatMap(checkOf),
      transitions: (rows === first ? first : [...first, ...rows]).flatMap(row =>
        row.transition === null
          ? []
          : checkOf(row).map(check => ({ check, to: row.transition as Transition['to'] })),
      ),
    };
  };
}

/** The parameters of `record.sql` from the sixth on: slots that become gaps. */
const gapColumns = (skipped: readonly Skipped[]): unknown[][] => [
  skipped.map(({ lease }) => lease.batchId),
  skipped.map(({ lease }) => lease.slot.targetId),
  skipped.map(({ lease }) => lease.slot.scheduledAt),
  skipped.map(({ reason }) => reason),
];

/** The parameters after those: checks. */
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
  checks.map(regexMatchOf),
  checks.map(({ bodyCut }) => bodyCut),
  checks.map(({ confirmations }) => confirmations?.count ?? null),
  checks.map(({ confirmations }) => confirmations?.firstCause ?? null),
  checks.map(({ verdict }) => (verdict.outcome === 'up' ? null : cleanDetail(verdict.detail))),
  checks.map(({ verdict, lease }) => (verdict.outcome === 'up' ? null : snapshot(lease.target))),
];

/** The target as it was checked, for the failure log, which outlives it. Leaves out possible secrets. */
const snapshot = ({ url, headers, requestBody, credentials, ...target }: Target): string =>
  JSON.stringify({
    ...target,
    url: redactUrl(url),
    headers: Object.keys(headers),
    requestBodyBytes: requestBody === null ? 0 : Buffer.byteLength(requestBody),
    credentials: credentials?.kind ?? null,
  });

const withoutContent = (check: Check, error: unknown): Check => ({
  ...check,
  verdict: {
    outcome: 'unknown',
    cause: 'internal_error',
    detail: `the result could not be recorded: ${describeError(error)}`,
  },
  httpStatus: null,
  phases: { ...NO_PHASES, totalUs: 0 },
  lease: { ...check.lease, target: { ...check.lease.target, url: '', headers: {}, pattern: null } },
});
