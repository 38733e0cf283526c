import { defer } from 'rxjs';
import type { Ports, Recorded, Transition } from '../../checking/ports.ts';
import { type Check, regexMatchOf } from '../../domain/check/check.ts';
import { cleanDetail } from '../../domain/clean-text.ts';
import { redactUrl } from '../../domain/redact.ts';
import type { Target } from '../../domain/target/target.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database, Query } from '../database.ts';
import { isAboutTheStatement } from '../error-codes.ts';
import { retryDatabase } from '../retry-database.ts';
import type { BatchChanges, HeldBatches } from './held-batches.ts';
import { type Gap, type Halves, type Row, recordInHalves } from './record-in-halves.ts';

/** Who records, and who hears of failures. */
export interface RecordSettings {
  /** Name in `failure_log` */
  readonly worker: string;
  readonly onTrouble: (error: unknown, attempt: number) => void;
}

/**
 * Records checks and gaps and releases their batches in one statement, retried until it succeeds.
 *
 * If the database refuses the statement itself, records the rows in halves, so that only the row at fault is
 * affected; see `recordInHalves`.
 */
export function recordChecks(
  database: Database,
  held: HeldBatches,
  settings: RecordSettings,
): Ports['record'] {
  const send = sender(settings.worker);
  const rowSecurityText = statement('apply-row-security');
  /** Each row as row security judges it, where the session would refuse all rows of a table that has any. */
  const sendJudged = (rows: readonly Row[], changes: BatchChanges): Promise<Sent> =>
    database.transaction(async query => {
      await query(rowSecurityText);
      return send(query, rows, changes);
    });

  const write = async (
    rows: readonly Row[],
    changes: BatchChanges,
    reduced: Map<Row, Row>,
  ): Promise<Omit<Halves<Sent>, 'sent'> & Sent> => {
    try {
      const sent = await send(
        database.query,
        rows.map(row => reduced.get(row) ?? row),
        changes,
      );
      return { ...sent, rejectedCount: 0, uncheckedCount: 0 };
    } catch (error) {
      if (!isAboutTheStatement(error)) throw error;
      const unreleased = { ...changes, released: [], givenBack: [] }; // until every half is recorded
      const onRefused = (refusal: unknown) => settings.onTrouble(refusal, 0);
      const { sent, ...counts } = await recordInHalves(
        rows,
        half => sendJudged(half, unreleased),
        reduced,
        onRefused,
      );
      await sendJudged([], changes);
      return {
        ...counts,
        recorded: sent.flatMap(({ recorded }) => recorded),
        transitions: sent.flatMap(({ transitions }) => transitions),
      };
    }
  };

  return settled => {
    const changes = held.settle(settled);
    const rows = settled.filter(one => one.kind !== 'returned');
    const checkCount = rows.filter(({ kind }) => kind === 'checked').length;
    const reduced = new Map<Row, Row>();
    return defer(async (): Promise<Recorded> => {
      const { uncheckedCount, ...outcome } = await write(rows, changes, reduced);
      held.forget(changes);
      return { settled, ...outcome, lostLeaseCount: checkCount - uncheckedCount - outcome.recorded.length };
    }).pipe(retryDatabase(settings.onTrouble));
  };
}

interface RecordedRow extends Record<string, unknown> {
  /** 1 = the first check */
  readonly ordinal: number;
  readonly transition: Transition['to'] | null;
}

type Sent = Pick<Recorded, 'recorded' | 'transitions'>;

type Send = (query: Query, rows: readonly Row[], changes: BatchChanges) => Promise<Sent>;

/** Returns a function that sends `record.sql`. */
function sender(worker: string): Send {
  const text = statement('record');
  return async (query, rows, changes) => {
    const checks = rows.filter(row => row.kind === 'checked');
    const skipped = rows.filter(row => row.kind === 'skipped');
    const values = [
      changes.held.map(({ batchId }) => batchId),
      changes.held.map(({ epoch }) => epoch),
      worker,
      changes.released,
      changes.givenBack,
      ...gapColumns(skipped),
      ...columns(checks),
    ];
    const once = () => query<RecordedRow>(text, values, 'website_monitor.record');
    const first = await once();
    // An earlier attempt, whose connection was cut, may have committed while this one waited for its locks.
    // Only the snapshot of another statement shows whose records these are.
    const answer = first.length < checks.length ? await once() : first;
    const checkOf = ({ ordinal }: RecordedRow): readonly Check[] => checks.slice(ordinal - 1, ordinal);
    return {
      recorded: answer.flatMap(checkOf),
      transitions: (answer === first ? first : [...first, ...answer]).flatMap(row =>
        row.transition === null
          ? []
          : checkOf(row).map(check => ({ check, to: row.transition as Transition['to'] })),
      ),
    };
  };
}

/** The parameters of `record.sql` from the sixth on: slots that become gaps. */
const gapColumns = (skipped: readonly Gap[]): unknown[][] => [
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
