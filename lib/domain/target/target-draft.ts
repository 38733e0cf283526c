import type { StatusRange } from './status-ranges.ts';
import type { Credentials, Method, Target } from './target.ts';

/** What somebody says of a target; null where nothing was said. Durations are in ms; see `Target` for the rest. */
export interface TargetDraft {
  readonly everyMs: number | null;
  readonly method: Method | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly requestBody: string | null;
  readonly credentials: Credentials | null;
  readonly acceptedStatuses: readonly StatusRange[] | null;
  readonly redirectsMax: number | null;
  readonly pattern: { readonly text: string; readonly mustMatch: boolean } | null;
  readonly latencyMaxMs: number | null;
  readonly ipFamily: 4 | 6 | null;
  readonly verifiesTls: boolean | null;
  readonly certificateValidityMinMs: number | null;
  readonly timeoutMs: number | null;
}

/**
 * The target that a draft describes, with the defaults that the database has. Its id is `0`.
 *
 * @param timeoutMs where the draft has none; default 10,000
 */
export const targetOf = (url: string, draft: Partial<TargetDraft> = {}, timeoutMs = 10_000): Target => ({
  id: '0',
  version: 1,
  url,
  method: draft.method ?? 'GET',
  headers: draft.headers ?? {},
  requestBody: draft.requestBody ?? null,
  credentials: draft.credentials ?? null,
  acceptedStatuses: draft.acceptedStatuses ?? null,
  redirectsMax: draft.redirectsMax ?? 10,
  pattern: draft.pattern ? { ...draft.pattern, overruns: 0, problem: null } : null,
  latencyMaxMs: draft.latencyMaxMs ?? null,
  ipFamily: draft.ipFamily ?? null,
  verifiesTls: draft.verifiesTls ?? true,
  certificateValidityMinMs: draft.certificateValidityMinMs ?? null,
  timeoutMs: draft.timeoutMs ?? timeoutMs,
});
