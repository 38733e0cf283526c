import { z } from 'zod';
import { draftOf, type OptionKey } from '../targets/options.ts';
import type { TargetDraft } from '../targets/target-draft.ts';
import { typedUrl } from '../targets/target-rules.ts';
import { targetFields } from './target-options.ts';
import { type Combination, together } from './together.ts';

/** Targets given on the command line: the URLs in their normal form, each once, and what is said of them. */
export interface Websites {
  readonly urls: readonly string[];
  readonly draft: TargetDraft;
}

const fields = { urls: z.array(typedUrl).default([]), ...targetFields };

type Said = z.output<z.ZodObject<typeof fields>>;

const needsUrl = (key: OptionKey): Combination<Said> => ({
  keys: [key, 'urls'],
  says: 'needs a URL on the command line: it says nothing about targets in the database',
  holds: said => (said[key] ?? null) === null || said.urls.length > 0,
});

const HEAD_HAS_NO_BODY = 'cannot be combined with --method HEAD, whose responses have no body to search';

const combinations: readonly Combination<Said>[] = [
  {
    keys: ['key', 'urls'],
    says: 'needs a single URL: a key names one target',
    holds: ({ key, urls }) => key === null || urls.length <= 1,
  },
  {
    keys: ['mustNotMatch', 'match'],
    says: 'cannot be combined with --match: a target has one pattern',
    holds: ({ match, mustNotMatch }) => match === null || mustNotMatch === null,
  },
  {
    keys: ['bearerToken', 'basicAuth'],
    says: 'cannot be combined with --basic-auth',
    holds: ({ basicAuth, bearerToken }) => basicAuth === null || bearerToken === null,
  },
  {
    keys: ['match', 'method'],
    says: HEAD_HAS_NO_BODY,
    holds: ({ match, method }) => match === null || method !== 'HEAD',
  },
  {
    keys: ['mustNotMatch', 'method'],
    says: HEAD_HAS_NO_BODY,
    holds: ({ mustNotMatch, method }) => mustNotMatch === null || method !== 'HEAD',
  },
  {
    keys: ['requestBody', 'method'],
    says: 'needs a --method that carries one, as POST does',
    holds: ({ requestBody, method }) =>
      requestBody === null || (method !== null && method !== 'GET' && method !== 'HEAD'),
  },
];

const websites = ({ urls, ...said }: Said): { readonly websites: Websites } => ({
  websites: { urls: [...new Set(urls)], draft: draftOf(said) },
});

/** For a command that cannot do without a URL: that it lacks one is a problem of its own. */
export const websitesSchema = together(z.object(fields), combinations).transform(websites);

/** For the service, where every target may be in the database. */
export const anyWebsitesSchema = together(z.object(fields), [
  ...(Object.keys(targetFields) as OptionKey[]).map(needsUrl),
  ...combinations,
]).transform(websites);
