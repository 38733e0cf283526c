import {
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  mergeMap,
  type Observable,
  tap,
} from 'rxjs';
import type { Recorded } from '../../checking/ports.ts';
import type { Certificate } from '../../domain/check/certificate.ts';
import type { Check } from '../../domain/check/check.ts';
import { OVERRUNS_MAX } from '../../domain/check/match.ts';
import { createRecent } from '../../domain/recent.ts';
import { gatherMap } from '../../operators/gather-map.ts';
import type { Database } from '../database.ts';
import { statement } from '../sql-file.ts';

export interface NoteSettings {
  readonly onTrouble: (error: unknown) => void;
  readonly monotonicMs: () => number;
}

const NOTED_AT_ONCE = 500;
/** Seldom needed, so there is time to gather */
const LINGER_MS = 200;
/** While a statement is under way. What comes beyond that is let go: the next check shows it again. */
const WAITING_MAX = 2_000;

/** What is remembered so as not to be written again; a target that was forgotten costs one statement. */
const REMEMBERED_MAX = 10_000;
/** Another worker may have seen another certificate meanwhile, where a host has several */
const REMEMBERED_MS = 3_600_000;

/**
 * Notes on targets what recorded checks have shown of them, where that is news: certificates, and
 * patterns that cannot be run. Emits nothing; completes with the source. What cannot be noted is told
 * and left: the next check shows it again.
 */
export function noteOnTargets(database: Database, { onTrouble, monotonicMs }: NoteSettings) {
  const certificatesText = statement('note-certificates');
  const patternsText = statement('note-patterns');
  const noted = createRecent<{ readonly what: string; readonly untilMs: number }>(REMEMBERED_MAX);

  let waiting = 0;

  const isNews = (check: Check): boolean => {
    if (check.certificate === null) return false;
    const known = noted.get(check.lease.target.id);
    return known === undefined || known.untilMs < monotonicMs() || known.what !== fingerprintOf(check);
  };
  const remember = (check: Check): void =>
    noted.set(check.lease.target.id, { what: fingerprintOf(check), untilMs: monotonicMs() + REMEMBERED_MS });

  const noteCertificates = async (checks: readonly Check[]): Promise<void> => {
    const withNews = checks.filter(isNews);
    if (withNews.length === 0) return;
    const rows = await database.query<{ target_id: string }>(certificatesText, certificateColumns(withNews));
    const done = new Set(rows.map(row => row.target_id));
    for (const check of withNews) if (done.has(check.lease.target.id)) remember(check);
  };

  const notePatterns = async (checks: readonly Check[]): Promise<void> => {
    const news = checks.filter(patternIsNews);
    if (news.length > 0) await database.query(patternsText, [...patternColumns(news), OVERRUNS_MAX]);
  };

  const note = (checks: readonly Check[]): Observable<never> => {
    waiting -= checks.length;
    const works = [noteCertificates, notePatterns].map(work =>
      defer(() => work(checks)).pipe(
        ignoreElements(),
        catchError(error => {
          onTrouble(error);
          return EMPTY;
        }),
      ),
    );
    return concat(...works);
  };

  return (recorded: Observable<Recorded>): Observable<never> =>
    recorded.pipe(
      mergeMap(({ recorded }) => recorded),
      filter(check => waiting < WAITING_MAX && (isNews(check) || patternIsNews(check))),
      tap(() => {
        waiting += 1;
      }),
      gatherMap(note, { countMax: NOTED_AT_ONCE, lingerMs: LINGER_MS }),
    );
}

/** With the version, for an edited url loses the certificate noted. */
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
