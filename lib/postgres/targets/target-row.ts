import { parseStatusRanges, statusRangesText } from '../../domain/target/status-ranges.ts';
import type { Credentials, Method, Pattern, Target } from '../../domain/target/target.ts';
import type { TargetDraft } from '../../domain/target/target-draft.ts';

/** As `website_monitor.target_as_json` builds it: what is null is left out. */
export interface TargetRow {
  readonly id: string;
  readonly version: number;
  readonly url: string;
  readonly method: Method;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestBody?: string;
  readonly basicAuthUser?: string;
  readonly basicAuthPassword?: string;
  readonly bearerToken?: string;
  readonly acceptedStatuses?: string;
  readonly maxRedirects: number;
  readonly regexPattern?: string;
  readonly regexMustMatch: boolean;
  readonly regexBreaches: number;
  readonly regexProblem?: string;
  readonly maxLatencyMs?: number;
  readonly ipFamily?: 4 | 6;
  readonly verifyTls: boolean;
  readonly minCertificateValidityMs?: number;
}

/** @param timeoutMs its own, else the service's */
export const toTarget = (row: TargetRow, timeoutMs: number): Target => ({
  id: row.id,
  version: row.version,
  url: row.url,
  method: row.method,
  headers: row.headers ?? {},
  requestBody: row.requestBody ?? null,
  credentials: credentialsOf(row),
  acceptedStatuses: row.acceptedStatuses === undefined ? null : parseStatusRanges(row.acceptedStatuses),
  redirectsMax: row.maxRedirects,
  pattern: patternOf(row),
  latencyMaxMs: row.maxLatencyMs ?? null,
  ipFamily: row.ipFamily ?? null,
  verifiesTls: row.verifyTls,
  certificateValidityMinMs: row.minCertificateValidityMs ?? null,
  timeoutMs,
});

function credentialsOf({ basicAuthUser, basicAuthPassword, bearerToken }: TargetRow): Credentials | null {
  if (bearerToken !== undefined) return { kind: 'bearer', token: bearerToken };
  if (basicAuthUser === undefined) return null;
  return { kind: 'basic', user: basicAuthUser, password: basicAuthPassword ?? '' };
}

function patternOf({ regexPattern, regexMustMatch, regexBreaches, regexProblem }: TargetRow): Pattern | null {
  if (regexPattern === undefined) return null;
  return {
    text: regexPattern,
    mustMatch: regexMustMatch,
    overruns: regexBreaches,
    problem: regexProblem ?? null,
  };
}

/** The columns of `monitored_targets` that a draft says something of, as JSON takes them. */
export function columnsOf(url: string, draft: Partial<TargetDraft>): Readonly<Record<string, unknown>> {
  const { pattern, acceptedStatuses } = draft;
  const said = {
    url,
    method: draft.method ?? 'GET',
    check_interval: inMs(draft.everyMs),
    default_headers: draft.headers,
    request_body: draft.requestBody,
    accepted_statuses: acceptedStatuses ? statusRangesText(acceptedStatuses) : null,
    max_redirects: draft.redirectsMax,
    regex_pattern: pattern?.text ?? null,
    regex_must_match: pattern?.mustMatch ?? null,
    max_latency: inMs(draft.latencyMaxMs),
    ip_family: draft.ipFamily,
    verify_tls: draft.verifiesTls,
    min_certificate_validity: inMs(draft.certificateValidityMinMs),
    timeout: inMs(draft.timeoutMs),
  };
  const columns = Object.fromEntries(Object.entries(said).filter(([, value]) => value != null));
  return { ...columns, ...credentialColumns(draft.credentials) };
}

/** Those that are given go in the place of whatever there was. */
const credentialColumns = (credentials: Credentials | null | undefined) =>
  credentials && {
    basic_auth_user: credentials.kind === 'basic' ? credentials.user : null,
    basic_auth_password: credentials.kind === 'basic' ? credentials.password : null,
    bearer_token: credentials.kind === 'bearer' ? credentials.token : null,
  };

const inMs = (durationMs: number | null | undefined): string | null =>
  durationMs == null ? null : `${durationMs} milliseconds`;
