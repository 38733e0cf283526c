import type { StatusRange } from './status-ranges.ts';
import type { Credentials, Method, Target } from './target.ts';

/** What somebody says of a target; null where nothing was said. */
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

/** The target that a draft describes, with the defaults that the database has. */
export const targetOf = (url: string, draft: TargetDraft, timeoutMs: number): Target => ({
  id: '0',
  version: 1,
  url,
  method: draft.method ?? 'GET',
  headers: draft.headers ?? {},
  requestBody: draft.requestBody,
  credentials: draft.credentials,
  acceptedStatuses: draft.acceptedStatuses,
  redirectsMax: draft.redirectsMax ?? 10,
  pattern: draft.pattern && { ...draft.pattern, breaches: 0, problem: null },
  latencyMaxMs: draft.latencyMaxMs,
  ipFamily: draft.ipFamily,
  verifiesTls: draft.verifiesTls ?? true,
  certificateValidityMinMs: draft.certificateValidityMinMs,
  timeoutMs: draft.timeoutMs ?? timeoutMs,
});
