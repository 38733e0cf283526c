import type { TargetSelection } from '../../domain/target/target-selection.ts';
import type { LastCheck, TargetState } from '../../domain/target/target-state.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';

interface StateRow extends Record<string, unknown> {
  readonly id: string;
  readonly url: string;
  readonly down_since_s: number | null;
  readonly certificate_expires_s: number | null;
  readonly outcome: LastCheck['outcome'] | null;
  readonly started_s: number;
  readonly http_status: number | null;
  readonly total_us: number;
  readonly dns_us: number | null;
  readonly connect_us: number | null;
  readonly tls_us: number | null;
  readonly ttfb_us: number | null;
  readonly transfer_us: number | null;
}

/** A check counts as missing once its lease would have expired, which these settings determine. */
export interface TargetStatesSettings {
  /** For targets without a timeout of their own */
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly leaseMarginMs: number;
}

/** Returns a function that reads the current state of the selected targets, at most `targetsMax` of them. */
export function targetStatesReader(database: Pick<Database, 'query'>, settings: TargetStatesSettings) {
  const { timeoutMs, attemptsMax, leaseMarginMs } = settings;
  const text = statement('target-states');
  return async ({ ranges, onlyDown }: TargetSelection, targetsMax: number): Promise<TargetState[]> => {
    const [firsts, lasts] = [ranges.map(({ first }) => first), ranges.map(({ last }) => last)];
    const values = [firsts, lasts, onlyDown, targetsMax, timeoutMs, attemptsMax, leaseMarginMs];
    return (await database.query<StateRow>(text, values)).map(toState);
  };
}

const toState = (row: StateRow): TargetState => ({
  id: row.id,
  url: row.url,
  downSinceS: row.down_since_s,
  certificateExpiresS: row.certificate_expires_s,
  last: row.outcome === null ? null : toLastCheck(row, row.outcome),
});

const toLastCheck = (row: StateRow, outcome: LastCheck['outcome']): LastCheck => ({
  outcome,
  startedS: row.started_s,
  httpStatus: row.http_status,
  phases: {
    dnsUs: row.dns_us,
    connectUs: row.connect_us,
    tlsUs: row.tls_us,
    ttfbUs: row.ttfb_us,
    transferUs: row.transfer_us,
    totalUs: row.total_us,
  },
});
