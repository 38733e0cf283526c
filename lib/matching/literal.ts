// Every character either has no meaning of its own or is ASCII punctuation behind a backslash.
const LITERAL_PATTERN = /^(?:[^\\^$.|?*+()[\]{}]|\\[!-/:-@[-`{-~])*$/;

/**
 * The text that a pattern stands for when it stands for nothing else: `v1\.2` is `v1.2`, and
 * `v1.2` is not literal, because its dot is any character. Null sends it to the engine, which is
 * never wrong, only slower: `a{`, `\Qa\E` and `\x41` are literal too, and not worth knowing here.
 */
export const literalOf = (pattern: string): string | null =>
  LITERAL_PATTERN.test(pattern) ? pattern.replaceAll(/\\(.)/g, '$1') : null;
