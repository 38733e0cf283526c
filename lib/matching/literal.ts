// Only characters without special meaning, and ASCII punctuation escaped by a backslash.
const LITERAL_PATTERN = /^(?:[^\\^$.|?*+()[\]{}]|\\[!-/:-@[-`{-~])*$/;

/**
 * Returns the only text that a pattern matches, or null if it may match others: `v1\.2` matches only `v1.2`,
 * while the dot in `v1.2` matches any character.
 *
 * Null is always safe: the pattern goes to the engine, which is slower. So rare literals such as `a{`, `\Qa\E`
 * and `\x41` are not recognised.
 */
export const literalOf = (pattern: string): string | null =>
  LITERAL_PATTERN.test(pattern) ? pattern.replaceAll(/\\(.)/g, '$1') : null;
