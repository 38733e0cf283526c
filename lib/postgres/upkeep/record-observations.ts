import { LRUCache } from 'lru-cache';
import type { Certificate } from '../../domain/check/certificate.ts';
import type { Check } from '../../domain/check/check.ts';
import { OVERRUNS_MAX } from '../../domain/check/match.ts';
import { statement } from '../../sql/sql-file.ts';
import type { Database } from '../database.ts';
import { recordNews } from './record-news.ts';

/** Who hears of failures, and the clock. */
export interface ObservationSettings {
  readonly onTrouble: (error: unknown) => void;
  readonly monotonicMs: () => number;
}

const WAITING_MAX = 2_000;

/** Targets whose recorded certificate is remembered. Forgetting one costs a statement */
const REMEMBERED_MAX = 10_000;
/** A host may have several certificates, and another worker may have recorded another meanwhile */
const REMEMBERED_MS = 3_600_000;

/**
 * Records what checks reveal about their targets, if it is new: certificates, and patterns that cannot be run. See
 * `recordNews`.
 */
export function recordObservations(database: Database, { onTrouble, monotonicMs }: ObservationSettings) {
  const certificatesText = statement('record-certificates');
  const patternsText = statement('record-patterns');
  const known = new LRUCache<string, { readonly what: string; readonly untilMs: number }>({
    max: REMEMBERED_MAX,
  });

  const isNews = (check: Check): boolean => {
    if (check.certificate === null) return false;
    const last = known.get(check.lease.target.id);
    return last === undefined || last.untilMs < monotonicMs() || last.what !== fingerprintOf(check);
  };
  const remember = (check: Check): void => {
    known.set(check.lease.target.id, { what: fingerprintOf(check), untilMs: monotonicMs() + REMEMBERED_MS });
  };

  const recordCertificates = async (checks: readonly Check[]): Promise<void> => {
    const withNews = checks.filter(isNews);
    if (withNews.length === 0) return;
    const rows = await database.query<{ target_id: string }>(certificatesText, certificateColumns(withNews));
    const done = new Set(rows.map(row => row.target_id));
    for (const check of withNews) if (done.has(check.lease.target.id)) remember(check);
  };

  const recordPatterns = async (checks: readonly Check[]): Promise<void> => {
    const news = checks.filter(patternIsNews);
    if (news.length > 0) await database.query(patternsText, [...patternColumns(news), OVERRUNS_MAX]);
  };

  return recordNews({
    isNews: check => isNews(check) || patternIsNews(check),
    works: [recordCertificates, recordPatterns],
    waitingMax: WAITING_MAX,
    onTrouble,
  });
}

/** Includes the version: editing the URL deletes the recorded certificate. */
const fingerprintOf = ({ certificate, lease: { target } }: Check): string =>
  `${target.version} ${certificate?.host} ${certificate?.fingerprint} ${certificate?.expiresAtMs}`;

/** True for an overrun, an invalid pattern, and the first search that ends in time after overruns. */
const patternIsNews = ({ match, lease }: Check): boolean => {
  const { pattern } = lease.target;
  if (pattern === null || pattern.problem !== null || match === null) return false;
  if (match.kind === 'overrun' || match.kind === 'invalid') return true;
  return pattern.overruns > 0 && (match.kind === 'found' || match.kind === 'absent');
};

function certificateColumns(checks: readonly Check[]): unknown[][] {
  const certificates = checks.map(({ certificate }) => certificate as Certificate);
  return [
    checks.map(({ lease }) => lease.target.id),
    checks.map(({ lease }) => lease.target.version),
    checks.map(({ lease }) => lease.slot.scheduledAt),
    certificates.map(({ expiresAtMs }) => expiresAtMs),
    certificates.map(({ host }) => host),
    certificates.map(({ subject }) => subject),
    certificates.map(({ issuer }) => issuer),
    certificates.map(({ fingerprint }) => fingerprint),
  ];
}

const patternColumns = (checks: readonly Check[]): unknown[][] => [
  checks.map(({ lease }) => lease.target.id),
  checks.map(({ lease }) => lease.target.version),
  checks.map(({ match }) => (match?.kind === 'invalid' ? match.detail : null)),
  checks.map(({ match }) => match?.kind === 'overrun'),
];
