/**
 * What patterns mean to our engine and to the engines that users know: the table in docs/PATTERNS.md.
 * spec/matching/dialects.spec.ts and spec/debian/python-dialect.spec.ts run it against each engine.
 */

/** `javascript` without a flag, `javascriptU` with `u`; `python` is `re.search` of a str; `postgres` is `~`. */
export const ENGINES = ['re2', 'javascript', 'javascriptU', 'python', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** The result of a search. A pattern is refused for every subject, or for none. */
export type Result = 'found' | 'absent' | 'refused';

export interface Dialect {
  /** What the pattern should mean, in Markdown */
  readonly construct: string;
  readonly pattern: string;
  readonly subjects: readonly string[];
  /** One for each subject */
  readonly results: Readonly<Record<Engine, readonly Result[]>>;
  /** What the pattern means to an engine with other results; starts with ✗ if the engine refuses it */
  readonly notes: Readonly<Partial<Record<Engine, string>>>;
}

/** Results: one letter (F, - or X) per subject, one word per engine, in the order of ENGINES. */
type Row = readonly [
  construct: string,
  pattern: string,
  subjects: readonly string[],
  results: string,
  notes?: Dialect['notes'],
];

const R = String.raw;

// biome-ignore format: a table
const ROWS: readonly Row[] = [
  // groups and lookaround
  ['named group, `(?P<…>…)`', R`(?P<year>\d{4})`, ['2026', 'x'],
    'F- XX XX F- XX'],
  ['named group, `(?<…>…)`', R`(?<year>\d{4})`, ['2026', 'x'],
    'F- F- F- XX XX'],
  ['two groups with the same name', R`(?<a>x)|(?<a>y)`, ['x', 'z'],
    'XX F- F- XX XX'],
  ['lookahead', R`up(?= now)`, ['up now', 'up'],
    'XX F- F- F- F-'],
  ['negative lookahead', R`up(?! now)`, ['up', 'up now'],
    'XX F- F- F- F-'],
  ['lookbehind', R`(?<=is )up`, ['is up', 'up'],
    'XX F- F- F- F-'],
  ['backreference', R`(a)\1`, ['aa', 'ab'],
    'XX F- F- F- F-'],
  ['conditional on a group', R`(a)?(?(1)b|c)`, ['ab', 'x'],
    'XX XX XX F- XX'],
  ['recursion', R`\((?R)?\)`, ['(())', '('],
    'XX XX XX XX XX'],
  ['`\\K`, start of the match', R`a\Kb`, ['ab', 'aKb'],
    'XX -F XX XX XX', { javascript: 'the letter K' }],
  ['comment', R`a(?#why)b`, ['ab', 'a'],
    'XX XX XX F- F-'],
  ['empty alternative', R`^(?:a|)$`, ['a', '', 'b'],
    'FF- FF- FF- FF- FF-'],
  ['empty pattern, found in any body', '', ['', 'a'],
    'FF FF FF FF FF'],
  // quantifiers
  ['non-greedy quantifier; makes no difference to a search', R`<.+?>x`, ['<a>x', '<a>y'],
    'F- F- F- F- F-'],
  ['possessive quantifier', R`a++b`, ['aab', 'b'],
    'XX XX XX F- XX'],
  ['atomic group', R`(?>a+)b`, ['aab', 'b'],
    'XX XX XX F- XX'],
  ['quantifier after a quantifier', R`a**`, ['a'],
    'X X X X X'],
  ['nested quantifiers; may take exponential time in JavaScript and Python', R`^(?:a+)+$`, ['aaa', 'b'],
    'F- F- F- F- F-'],
  ['`{,n}`, at most n times', R`^a{,2}$`, ['', 'aa', 'a{,2}'],
    '--F --F XXX FF- --F', { re2: 'the text `{,2}`', javascript: 'the text `{,2}`', postgres: 'the text `{,2}`' }],
  ['repeated more than 255 times', R`a{1000}`, ['a'.repeat(1000), 'a'],
    'F- F- F- F- XX'],
  ['repeated more than 1,000 times', R`a{1001}`, ['a'.repeat(1001), 'a'],
    'XX F- F- F- XX'],
  ['nested, more than 1,000 times in total', R`(a{40}){40}`, ['a'.repeat(1600), 'a'],
    'XX F- F- F- F-'],
  // positions
  ['`^`, start of the text', R`^b`, ['b', 'a\nb'],
    'F- F- F- F- F-'],
  ['`$`, end of the text', R`b$`, ['ab', 'b\n', 'b\na'],
    'F-- F-- F-- FF- F--', { python: 'also before a final line feed' }],
  ['`\\A`, start of the text', R`\ADear`, ['Dear', 'x\nDear', 'ADear'],
    'F-- --F XXX F-- F--', { javascript: 'the letter A' }],
  ['`\\z`, end of the text', R`bye\z`, ['bye', 'bye\n', 'byez'],
    'F-- --F XXX XXX XXX', { javascript: 'the letter z', python: '✗ before 3.14' }],
  ['`\\Z`, end of the text', R`bye\Z`, ['bye', 'bye\n', 'byeZ'],
    'XXX --F XXX F-- F--', { javascript: 'the letter Z' }],
  ['`\\b`, a word boundary', R`\bup\b`, ['is up', 'upper', '\bup\b'],
    'F-F F-F F-F F-F --F', { postgres: 'a backspace' }],
  ['`\\b` considers ASCII letters only', R`\bcafé\b`, ['caféx', 'café'],
    'F- F- F- -F --', { python: 'any Unicode letters', postgres: 'a backspace' }],
  ['`\\y`, a word boundary', R`\yup\y`, ['is up', 'upper', 'yupy'],
    'XXX --F XXX XXX F--', { javascript: 'the letter y' }],
  // flags
  ['`(?i)`, ignores case', R`(?i)up`, ['UP', 'down'],
    'F- XX XX F- F-', { javascript: '✗ (flag `i`)', javascriptU: '✗ (flag `i`)' }],
  ['`(?i)` folds Unicode case, such as `ſ` and `s`', R`(?i)sk`, ['SK', 'ſK'],
    'FF XX XX FF F-', { javascript: '✗ (flags `iu`)', javascriptU: '✗ (flags `iu`)', postgres: 'does not fold `ſ`' }],
  ['`(?i)`: `ß` matches `ẞ`, but not `ss`', R`(?i)straße`, ['STRAẞE', 'STRASSE'],
    'F- XX XX F- --', { javascript: '✗ (flags `iu`)', javascriptU: '✗ (flags `iu`)', postgres: 'matches neither' }],
  ['`(?s)`, `.` also matches a line feed', R`(?s)a.b`, ['a\nb', 'ab'],
    'F- XX XX F- F-', { javascript: '✗ (flag `s`)', javascriptU: '✗ (flag `s`)' }],
  ['`(?m)`, `^` and `$` match at every line', R`(?m)^a[^x]b$`, ['a\nb', '-\na-b'],
    'FF XX XX FF -F', { javascript: '✗ (flag `m`)', javascriptU: '✗ (flag `m`)', postgres: 'also keeps `.` and `[^x]` from matching a line feed' }],
  ['`(?U)`, quantifiers are non-greedy by default', R`(?U)a+`, ['aa', 'b'],
    'F- XX XX XX XX'],
  ['`(?x)`, ignores white space and comments', R`(?x)a b # why`, ['ab', 'a b'],
    'XX XX XX F- F-'],
  ['flag in the middle of a pattern', R`up(?i)time`, ['upTIME', 'UPTIME'],
    'F- XX XX XX XX'],
  ['flag for a group', R`(?i:up)time`, ['UPtime', 'UPTIME'],
    'F- F- F- F- XX'],
  // single characters
  ['`.`, any character except a line feed', R`a.b`, ['a-b', 'a\nb', 'a\rb', 'a\u2028b'],
    'F-FF F--- F--- F-FF FFFF', { javascript: 'also not `\\r`, U+2028, U+2029', javascriptU: 'also not `\\r`, U+2028, U+2029', postgres: 'any character' }],
  ['a character is a code point', R`^.$`, ['é', '😀'],
    'FF F- FF FF FF', { javascript: 'a UTF-16 unit' }],
  ['`\\C`, any byte', R`^\C$`, ['a', 'C'],
    'XX -F XX XX XX', { javascript: 'the letter C' }],
  ['`\\d`, an ASCII digit', R`\d`, ['7', '٣'],
    'F- F- F- FF FF', { python: 'any Unicode digit', postgres: 'any Unicode digit' }],
  ['`\\w`, an ASCII letter, digit or `_`', R`\w`, ['_', 'é'],
    'F- F- F- FF FF', { python: 'any Unicode letter or digit', postgres: 'any Unicode letter or digit' }],
  ['`\\s`, a space or one of `\\t\\n\\f\\r`', R`\s`, [' ', '\v', '\u00a0'],
    'F-- FFF FFF FFF FFF', { javascript: 'any white space', javascriptU: 'any white space', python: 'any white space', postgres: 'any white space' }],
  ['`[[:alpha:]]`, an ASCII letter', R`[[:alpha:]]`, ['a', 'é', '7', ':]'],
    'F--- ---F XXXX ---F FF--', { javascript: 'one of `[:alph`, then `]`', python: 'one of `[:alph`, then `]`', postgres: 'any Unicode letter' }],
  ['`\\p{L}`, a Unicode category', R`\p{L}`, ['é', '7', 'p{L}'],
    'F-F --F F-F XXX XXX', { javascript: 'the text `p{L}`' }],
  ['`\\pN`, a Unicode category in one letter', R`\pN`, ['٣', 'x', 'pN'],
    'F-- --F XXX XXX XXX', { javascript: 'the text `pN`' }],
  ['`\\p{Greek}`, a Unicode script', R`\p{Greek}`, ['λ', 'l', 'p{Greek}'],
    'F-- --F XXX XXX XXX', { javascript: 'the text `p{Greek}`' }],
  ['`\\p{Script=Greek}`, the form of JavaScript', R`\p{Script=Greek}`, ['λ', 'l', 'p{Script=Greek}'],
    'XXX --F F-- XXX XXX', { javascript: 'the text `p{Script=Greek}`' }],
  ['`\\p{Emoji}`, a Unicode property', R`\p{Emoji}`, ['😀', 'x', 'p{Emoji}'],
    'F-- --F F-- XXX XXX', { javascript: 'the text `p{Emoji}`' }],
  ['`\\x{…}`, a character by its hexadecimal number', R`\x{1F600}`, ['😀', 'x{1F600}'],
    'F- -F XX XX XX', { javascript: 'the text `x{1F600}`' }],
  ['`\\u0041`, a character by four hexadecimal digits', R`\u0041`, ['A', 'u0041'],
    'XX F- F- F- F-'],
  ['`\\uD83D\\uDE00`, a surrogate pair', R`\uD83D\uDE00`, ['😀', 'x'],
    'XX F- F- -- --', { python: 'two separate halves, never found', postgres: 'two separate halves, never found' }],
  ['`\\101`, a character by its octal number', R`\101`, ['A', '101'],
    'F- F- XX F- F-'],
  ['`\\Q…\\E`, literal text', R`\Qa.b\E`, ['a.b', 'axb', 'Qa.bE'],
    'F-F --F XXX XXX XXX', { javascript: 'the letters Q and E' }],
  // classes
  ['`]` is literal at the start of a class', R`[]a]`, [']', 'a', 'b'],
    'FF- --- XXX FF- FF-', { javascript: 'an empty class, never found' }],
  ['`-` is literal after `\\w` in a class', R`[\w-z]`, ['-', 'a', '.'],
    'FF- FF- XXX XXX XXX'],
  ['`&&`, intersection', R`[a-z&&[^b]]`, ['a', '&]'],
    '-F -F XX -F -F', { re2: 'one of `a-z&[^b`, then `]`', javascript: 'one of `a-z&[^b`, then `]`', javascriptU: '✗ (flag `v`)', python: 'one of `a-z&[^b`, then `]`', postgres: 'one of `a-z&[^b`, then `]`' }],
  ['`[=e=]`, an equivalence class', R`[[=e=]]`, ['e', '=]'],
    '-F -F XX -F F-', { re2: 'one of `[=e`, then `]`', javascript: 'one of `[=e`, then `]`', python: 'one of `[=e`, then `]`' }],
];

const RESULTS: Readonly<Record<string, Result>> = { F: 'found', '-': 'absent', X: 'refused' };

const read = (letters: string): readonly Result[] => [...letters].map(letter => RESULTS[letter] ?? 'refused');

export const DIALECTS: readonly Dialect[] = ROWS.map(
  ([construct, pattern, subjects, results, notes = {}]) => {
    const words = results.split(' ').map(read);
    return {
      construct,
      pattern,
      subjects,
      results: Object.fromEntries(
        ENGINES.map((engine, index) => [engine, words[index] ?? []]),
      ) as Dialect['results'],
      notes,
    };
  },
);

const isRefused = (results: readonly Result[]): boolean => results.includes('refused');

/** What the construct should find: the results of the engines without a note; null if there is none. */
export const meaningOf = ({ results, notes }: Dialect): readonly Result[] | null => {
  const engine = ENGINES.find(engine => !isRefused(results[engine]) && notes[engine] === undefined);
  return engine === undefined ? null : results[engine];
};
