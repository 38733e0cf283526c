import { redactText } from './redact.ts';

/** Longest explanation kept with a check, in UTF-16 code units. */
export const DETAIL_CHARACTERS_MAX = 500;

/**
 * `text` as PostgreSQL, a log line and a terminal can take it: control characters (NUL and line
 * breaks among them) become single spaces, lone surrogates U+FFFD, and what is longer than
 * `charactersMax` ends in an ellipsis.
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

/** Clean text for a failure's `detail` or a log: without secrets, and of at most 500 characters. */
export function cleanDetail(text: string): string {
  // Cut twice: a message of 10 MB must not be searched. The ellipsis tells a host from a user that was cut off.
  const searched = text.length > SEARCHED_MAX ? `${text.slice(0, SEARCHED_MAX)}…` : text;
  return cleanText(redactText(searched), DETAIL_CHARACTERS_MAX);
}

const SEARCHED_MAX = 4 * DETAIL_CHARACTERS_MAX;
