import { RE2JS } from 're2js';
import type { Match } from '../domain/check/match.ts';
import { cleanText, DETAIL_CHARACTERS_MAX } from '../domain/clean-text.ts';
import { createRecent } from '../domain/recent.ts';

/** `(?:a?b?c?d?e?f?){1000}` is 23 characters long and 12,002 instructions: refuse it past this. */
const PROGRAM_INSTRUCTIONS_MAX = 10_000;

/**
 * An automaton grows with what it reads, to 9 MB (measured; re2js counts 8 MB): sixteen full ones
 * fit the thread's heap. A pattern that was forgotten costs about 1 ms more.
 */
const COMPILED_PATTERNS_MAX = 16;

const compiledPatterns = createRecent<RE2JS>(COMPILED_PATTERNS_MAX);

/**
 * Searches `body` for an RE2 pattern. Takes as long as it takes, seconds in the worst case, so it
 * runs on a thread that can be ended. Never throws.
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
      `the pattern compiles to ${instructions} instructions, and ${PROGRAM_INSTRUCTIONS_MAX} are allowed: repeat less`,
    );
  compiledPatterns.set(pattern, compiledNow);
  return compiledNow;
};
