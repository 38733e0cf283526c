import { redactText } from './redact.ts';

/** Longest `detail` that is recorded with a check, in UTF-16 code units. */
export const DETAIL_CHARACTERS_MAX = 500;

/**
 * Makes `text` safe for PostgreSQL, a log line and a terminal: runs of control characters (including NUL and
 * line breaks) become a space, lone surrogates become U+FFFD, and text beyond `charactersMax` UTF-16 code
 * units is cut and ends in an ellipsis.
 */
export function cleanText(text: string, charactersMax: number): string {
  const isLong = text.length > charactersMax;
  const kept = isLong ? text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, '') : text;
  const clean = kept
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  return isLong ? `${clean}…` : clean;
}

/** Removes secrets from `text`, then cleans it and cuts it at 500 characters: for `detail` and for logs. */
export function cleanDetail(text: string): string {
  // Cut before the search too: a message may have 10 MB. The ellipsis shows `redactText` where a URL is cut off.
  const searched = text.length > SEARCHED_MAX ? `${text.slice(0, SEARCHED_MAX)}…` : text;
  return cleanText(redactText(searched), DETAIL_CHARACTERS_MAX);
}

/** Longest text in which secrets are searched, in UTF-16 code units. */
const SEARCHED_MAX = 4 * DETAIL_CHARACTERS_MAX;
