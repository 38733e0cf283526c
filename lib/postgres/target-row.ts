import { parseStatusRanges } from '../domain/status-ranges.ts';
import type { Credentials, Method, Pattern, Target } from '../domain/target.ts';

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
    breaches: regexBreaches,
    problem: regexProblem ?? null,
  };
}
