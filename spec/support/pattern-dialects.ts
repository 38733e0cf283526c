/**
 * What patterns mean to the engine that we have and to those that people come from: the table of
 * docs/PATTERNS.md, and what each engine is held to by spec/matching/dialects.spec.ts and
 * spec/debian/python-dialect.spec.ts.
 */

/** `javascript` without a flag, `javascriptU` with `u`; `python` is `re.search` of a str; `postgres` is `~`. */
export const ENGINES = ['re2', 'javascript', 'javascriptU', 'python', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** Of looking for a pattern in a subject; a pattern that is refused is so whatever the subject. */
export type Result = 'found' | 'absent' | 'refused';

export interface Dialect {
  /** What the pattern is to mean, in Markdown */
  readonly construct: string;
  readonly pattern: string;
  readonly subjects: readonly string[];
  /** One for each subject */
  readonly results: Readonly<Record<Engine, readonly Result[]>>;
  /** What the pattern means to an engine that finds otherwise; begins with ✗ where there is more to say of a refusal */
  readonly notes: Readonly<Partial<Record<Engine, string>>>;
}

/** Results are written one letter a subject, F, - or X, one word an engine, in the order of ENGINES. */
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
  // groups, and what looks around
  ['named group, `(?P<…>…)`', R`(?P<year>\d{4})`, ['2026', 'x'],
    'F- XX XX F- XX'],
  ['named group, `(?<…>…)`', R`(?<year>\d{4})`, ['2026', 'x'],
    'F- F- F- XX XX'],
  ['one name for two groups', R`(?<a>x)|(?<a>y)`, ['x', 'z'],
    'XX F- F- XX XX'],
  ['lookahead', R`up(?= now)`, ['up now', 'up'],
    'XX F- F- F- F-'],
  ['negative lookahead', R`up(?! now)`, ['up', 'up now'],
    'XX F- F- F- F-'],
  ['lookbehind', R`(?<=is )up`, ['is up', 'up'],
    'XX F- F- F- F-'],
  ['backreference', R`(a)\1`, ['aa', 'ab'],
    'XX F- F- F- F-'],
  ['condition on a group', R`(a)?(?(1)b|c)`, ['ab', 'x'],
    'XX XX XX F- XX'],
  ['recursion', R`\((?R)?\)`, ['(())', '('],
    'XX XX XX XX XX'],
  ['`\\K`, the match begins here', R`a\Kb`, ['ab', 'aKb'],
    'XX -F XX XX XX', { javascript: 'the letter K' }],
  ['comment', R`a(?#why)b`, ['ab', 'a'],
    'XX XX XX F- F-'],
  ['empty alternative', R`^(?:a|)$`, ['a', '', 'b'],
    'FF- FF- FF- FF- FF-'],
  ['empty pattern, found in any body', '', ['', 'a'],
    'FF FF FF FF FF'],
  // how often
  ['non-greedy: no difference to a search', R`<.+?>x`, ['<a>x', '<a>y'],
    'F- F- F- F- F-'],
  ['possessive', R`a++b`, ['aab', 'b'],
    'XX XX XX F- XX'],
  ['atomic group', R`(?>a+)b`, ['aab', 'b'],
    'XX XX XX F- XX'],
  ['repetition of a repetition', R`a**`, ['a'],
    'X X X X X'],
  ['… of a group; it may take JavaScript and Python exponential time', R`^(?:a+)+$`, ['aaa', 'b'],
    'F- F- F- F- F-'],
  ['`{,n}`, n at most', R`^a{,2}$`, ['', 'aa', 'a{,2}'],
    '--F --F XXX FF- --F', { re2: 'the text `{,2}`', javascript: 'the same', postgres: 'the same' }],
  ['more than 255 times', R`a{1000}`, ['a'.repeat(1000), 'a'],
    'F- F- F- F- XX'],
  ['more than 1,000 times', R`a{1001}`, ['a'.repeat(1001), 'a'],
    'XX F- F- F- XX'],
  ['more than 1,000 times in all', R`(a{40}){40}`, ['a'.repeat(1600), 'a'],
    'XX F- F- F- F-'],
  // where
  ['`^`, start of the text', R`^b`, ['b', 'a\nb'],
    'F- F- F- F- F-'],
  ['`$`, end of the text', R`b$`, ['ab', 'b\n', 'b\na'],
    'F-- F-- F-- FF- F--', { python: 'or before a last line feed' }],
  ['`\\A`, start of the text', R`\ADear`, ['Dear', 'x\nDear', 'ADear'],
    'F-- --F XXX F-- F--', { javascript: 'the letter A' }],
  ['`\\z`, end of the text', R`bye\z`, ['bye', 'bye\n', 'byez'],
    'F-- --F XXX XXX XXX', { javascript: 'the letter z', python: '✗ before 3.14' }],
  ['`\\Z`, end of the text', R`bye\Z`, ['bye', 'bye\n', 'byeZ'],
    'XXX --F XXX F-- F--', { javascript: 'the letter Z' }],
  ['`\\b`, edge of a word', R`\bup\b`, ['is up', 'upper', '\bup\b'],
    'F-F F-F F-F F-F --F', { postgres: 'a backspace' }],
  ['… of ASCII letters', R`\bcafé\b`, ['caféx', 'café'],
    'F- F- F- -F --', { python: 'of any letters', postgres: 'a backspace' }],
  ['`\\y`, edge of a word', R`\yup\y`, ['is up', 'upper', 'yupy'],
    'XXX --F XXX XXX F--', { javascript: 'the letter y' }],
  // flags
  ['`(?i)`, any case', R`(?i)up`, ['UP', 'down'],
    'F- XX XX F- F-', { javascript: '✗ (flag `i`)', javascriptU: '✗ (flag `i`)' }],
  ['… with its long s and other kin', R`(?i)sk`, ['SK', 'ſK'],
    'FF XX XX FF F-', { javascript: '✗ (flags `iu`)', javascriptU: '✗ (flags `iu`)', postgres: 'without' }],
  ['… but ß is not ss', R`(?i)straße`, ['STRAẞE', 'STRASSE'],
    'F- XX XX F- --', { javascript: '✗ (flags `iu`)', javascriptU: '✗ (flags `iu`)', postgres: 'nor ẞ' }],
  ['`(?s)`, `.` takes line feeds, too', R`(?s)a.b`, ['a\nb', 'ab'],
    'F- XX XX F- F-', { javascript: '✗ (flag `s`)', javascriptU: '✗ (flag `s`)' }],
  ['`(?m)`, `^` and `$` at every line', R`(?m)^a[^x]b$`, ['a\nb', '-\na-b'],
    'FF XX XX FF -F', { javascript: '✗ (flag `m`)', javascriptU: '✗ (flag `m`)', postgres: 'and no `.` or `[^x]` takes a line feed' }],
  ['`(?U)`, non-greedy first', R`(?U)a+`, ['aa', 'b'],
    'F- XX XX XX XX'],
  ['`(?x)`, blanks and comments', R`(?x)a b # why`, ['ab', 'a b'],
    'XX XX XX F- F-'],
  ['flag from here on', R`up(?i)time`, ['upTIME', 'UPTIME'],
    'F- XX XX XX XX'],
  ['flag for a group', R`(?i:up)time`, ['UPtime', 'UPTIME'],
    'F- F- F- F- XX'],
  // one character
  ['`.`, any character but a line feed', R`a.b`, ['a-b', 'a\nb', 'a\rb', 'a\u2028b'],
    'F-FF F--- F--- F-FF FFFF', { javascript: 'nor `\\r`, U+2028, U+2029', javascriptU: 'nor `\\r`, U+2028, U+2029', postgres: 'any at all' }],
  ['a character is a code point', R`^.$`, ['é', '😀'],
    'FF F- FF FF FF', { javascript: 'a UTF-16 unit' }],
  ['`\\C`, any byte', R`^\C$`, ['a', 'C'],
    'XX -F XX XX XX', { javascript: 'the letter C' }],
  ['`\\d`, an ASCII digit', R`\d`, ['7', '٣'],
    'F- F- F- FF FF', { python: 'any digit', postgres: 'any digit' }],
  ['`\\w`, an ASCII letter, digit or `_`', R`\w`, ['_', 'é'],
    'F- F- F- FF FF', { python: 'any letter', postgres: 'any letter' }],
  ['`\\s`, a blank or one of `\\t\\n\\f\\r`', R`\s`, [' ', '\v', '\u00a0'],
    'F-- FFF FFF FFF FFF', { javascript: 'any blank', javascriptU: 'any blank', python: 'any blank', postgres: 'any blank' }],
  ['`[[:alpha:]]`, an ASCII letter', R`[[:alpha:]]`, ['a', 'é', '7', ':]'],
    'F--- ---F XXXX ---F FF--', { javascript: 'one of `[:alph`, then `]`', python: 'the same', postgres: 'any letter' }],
  ['`\\p{L}`, a category of Unicode', R`\p{L}`, ['é', '7', 'p{L}'],
    'F-F --F F-F XXX XXX', { javascript: 'the text `p{L}`' }],
  ['… in one letter', R`\pN`, ['٣', 'x', 'pN'],
    'F-- --F XXX XXX XXX', { javascript: 'the text `pN`' }],
  ['`\\p{Greek}`, a script', R`\p{Greek}`, ['λ', 'l', 'p{Greek}'],
    'F-- --F XXX XXX XXX', { javascript: 'the text `p{Greek}`' }],
  ['… as JavaScript has it', R`\p{Script=Greek}`, ['λ', 'l', 'p{Script=Greek}'],
    'XXX --F F-- XXX XXX', { javascript: 'the text' }],
  ['`\\p{Emoji}`, a property', R`\p{Emoji}`, ['😀', 'x', 'p{Emoji}'],
    'F-- --F F-- XXX XXX', { javascript: 'the text `p{Emoji}`' }],
  ['`\\x{…}`, by its number', R`\x{1F600}`, ['😀', 'x{1F600}'],
    'F- -F XX XX XX', { javascript: 'the text `x{1F600}`' }],
  ['`\\u0041`, in four digits', R`\u0041`, ['A', 'u0041'],
    'XX F- F- F- F-'],
  ['… twice, as a pair of surrogates', R`\uD83D\uDE00`, ['😀', 'x'],
    'XX F- F- -- --', { python: 'two halves, never found', postgres: 'two halves, never found' }],
  ['`\\101`, in octal digits', R`\101`, ['A', '101'],
    'F- F- XX F- F-'],
  ['`\\Q…\\E`, as it stands', R`\Qa.b\E`, ['a.b', 'axb', 'Qa.bE'],
    'F-F --F XXX XXX XXX', { javascript: 'the letters Q and E' }],
  // classes
  ['`]` that comes first is one of the class', R`[]a]`, [']', 'a', 'b'],
    'FF- --- XXX FF- FF-', { javascript: '`[]`, never found' }],
  ['`-` after a class in the class', R`[\w-z]`, ['-', 'a', '.'],
    'FF- FF- XXX XXX XXX'],
  ['`&&`, intersection', R`[a-z&&[^b]]`, ['a', '&]'],
    '-F -F XX -F -F', { re2: 'one of `a-z&[^b`, then `]`', javascript: 'the same', javascriptU: '✗ (flag `v`)', python: 'the same', postgres: 'the same' }],
  ['`[=e=]`, a collating class', R`[[=e=]]`, ['e', '=]'],
    '-F -F XX -F F-', { re2: 'one of `[=e`, then `]`', javascript: 'the same', python: 'the same' }],
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

/** What the construct is to find: as do those that take the pattern, and of which there is nothing to say. */
export const meaningOf = ({ results, notes }: Dialect): readonly Result[] | null => {
  const engine = ENGINES.find(engine => !isRefused(results[engine]) && notes[engine] === undefined);
  return engine === undefined ? null : results[engine];
};
