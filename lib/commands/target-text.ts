import { cleanText } from '../domain/clean-text.ts';

/** What identifies a target for people. */
export interface ShownTarget {
  readonly key: string | null;
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly method: string;
  /** Without query and fragment */
  readonly url: string;
}

const CHARACTERS_MAX = 2_048;

/** Formats a target: its name, else method and URL; then key and labels, as in `Shop [shop] team=web`. */
export function targetText({ key, name, labels, method, url }: ShownTarget): string {
  const parts = [
    name ?? (method === 'GET' ? url : `${method} ${url}`),
    ...(key === null ? [] : [`[${key}]`]),
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
  ];
  return cleanText(parts.join(' '), CHARACTERS_MAX);
}

/** Why a target is unknown, in a few words. */
export const whyUnknown = (lastCause: string | null, isOverdue: boolean): string =>
  isOverdue ? 'no worker checks it' : (lastCause ?? 'no recent check');
