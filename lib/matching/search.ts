import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import type { Match } from '../domain/check/match.ts';
import { cleanText, DETAIL_CHARACTERS_MAX } from '../domain/clean-text.ts';

/** Rejects small patterns that compile to huge programs: `(?:a?b?c?d?e?f?){1000}` has 12,002 instructions. */
const PROGRAM_INSTRUCTIONS_MAX = 10_000;

/**
 * An automaton grows as it reads, up to 9 MB (measured; re2js itself counts 8 MB), so sixteen of them fit the
 * thread's heap. Compiling a forgotten pattern again takes about 1 ms.
 */
const COMPILED_PATTERNS_MAX = 16;

const compiledPatterns = new LRUCache<string, RE2JS>({ max: COMPILED_PATTERNS_MAX });

/**
 * Searches `body` for an RE2 pattern. Never throws. May block for seconds in the worst case, so run it on a
 * thread that can be ended.
 */
export const search = (pattern: string, body: string): Match => {
  try {
    return { kind: compiled(pattern).test(body) ? 'found' : 'absent' };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: 'invalid', detail: cleanText(detail, DETAIL_CHARACTERS_MAX) };
  }
};

const compiled = (pattern: string): RE2JS => {
  const known = compiledPatterns.get(pattern);
  if (known) return known;
  const compiledNow = RE2JS.compile(pattern);
  const instructions = compiledNow.programSize();
  if (instructions > PROGRAM_INSTRUCTIONS_MAX)
    throw new RangeError(
      `the pattern compiles to ${instructions} instructions; the limit is ${PROGRAM_INSTRUCTIONS_MAX}: use fewer repetitions`,
    );
  compiledPatterns.set(pattern, compiledNow);
  return compiledNow;
};
