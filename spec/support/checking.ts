import type { Check } from '../../lib/domain/check/check.ts';
import { judge } from '../../lib/domain/check/judge.ts';
import type { Target } from '../../lib/domain/target/target.ts';
import { search } from '../../lib/matching/search.ts';
import type { FetchSettings } from '../../lib/probe/create-fetch.ts';
import { aCheck } from './a-check.ts';
import { aTarget } from './a-target.ts';
import { fetcherWith } from './fetching.ts';

/** Fetches once with `settings`, searches and judges, as a worker does. */
export const checkerWith = (settings: Partial<FetchSettings> = {}) => {
  const fetchOnce = fetcherWith(settings);
  return async (url: string, overrides: Partial<Target> = {}, budgetMs = 5_000): Promise<Check> => {
    const startedAtMs = Date.now();
    const answer = await fetchOnce(url, overrides, budgetMs);
    if (answer.kind === 'aborted') throw new Error('nobody has aborted it');
    const target = aTarget({ url, ...overrides });
    const isSearched = target.pattern !== null && answer.kind === 'answered';
    const match = isSearched ? search(target.pattern.text, answer.body) : null;
    return judge(
      { lease: { ...aCheck().lease, target }, startedAtMs, answer, match },
      { raiseForStatus: true },
    );
  };
};
