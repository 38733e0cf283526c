import { statement } from '../../sql/sql-file.ts';
import { websiteUrl } from '../../targets/target-rules.ts';
import type { Query } from '../database.ts';

/** Bounds the memory for URLs on one host that are not in their normal form. */
const CANDIDATES_MAX = 10_000;

/**
 * Finds under which spellings SQL may have inserted URLs.
 *
 * @param urls in their normal form
 * @returns a function that returns all spellings of one of them, itself included
 */
export async function findSpellings(
  query: Query,
  urls: readonly string[],
  name: 'find-spellings' | 'find-shown-spellings' = 'find-spellings',
): Promise<(url: string) => readonly string[]> {
  if (urls.length === 0) return url => [url];
  const candidates = await query<{ url: string }>(statement(name), [urls, CANDIDATES_MAX]);
  const found = new Map(urls.map(url => [url, [url]]));
  for (const { url } of candidates) {
    const normal = websiteUrl.safeParse(url).data;
    if (normal !== undefined && normal !== url) found.get(normal)?.push(url);
  }
  return url => found.get(url) ?? [url];
}
