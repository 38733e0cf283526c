import { cleanDetail, cleanText } from '../domain/clean-text.ts';

/** Longest quotation of a receiver. */
const QUOTED_MAX = 200;

/** What a receiver said, without the secrets that we sent it, for it may repeat them. Empty if it said nothing. */
export function quoted(said: string, hidden: readonly string[]): string {
  const longestFirst = hidden.toSorted((one, other) => other.length - one.length);
  const kept = longestFirst.reduce((text, secret) => text.replaceAll(secret, '…'), said);
  const clean = cleanDetail(
    kept
      .replace(/<[^>]*>/g, ' ')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
  );
  return cleanText(clean, QUOTED_MAX);
}

/** `status 404: no such channel` */
export function withQuote(problem: string, said: string, hidden: readonly string[]): string {
  const quote = quoted(said, hidden);
  return quote === '' ? problem : `${problem}: ${quote}`;
}
