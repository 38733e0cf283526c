import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '../..');

const GLOBS = [
  '*.md',
  'docs/**/*.md',
  'lib/**/*.ts',
  'sql/queries/*.sql',
  'sql/roles.sql',
  'deploy/{kubernetes,prometheus,systemd}/*',
  'examples/*.ts',
  'scripts/**/*.{ts,mjs,sh,sql}',
  'bench/**/*.{ts,mjs,sql}',
];

/**
 * What not to write, as regular expressions, and what to write instead. A space also stands for a line break in
 * a comment. No identifier may match: the text of a file is searched as it is.
 */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['who(m)?ever', 'the noun, as in "the worker"'],
  ['that which', '"what", or the noun'],
  ['(is|are|was|were|be|been) told of', '"is reported"'],
  ['anew', '"again", or a verb such as "reconnect"'],
  ['lest', '"so that … not"'],
  ['seldom', '"rarely"'],
  ['hence|thus|thereof|thereby|whence|wherein|thereupon|henceforth', '"so", "because" or "therefore"'],
  ['to be had', '"available"'],
  ['in vain', '"without success"'],
  ['that (is|are) none', '"an invalid …" or "not a …"'],
  ['of one.s own', '"custom" or "your own"'],
  ['mend(s|ed|ing)?', '"fix"'],
  ['time-outs?', '"timeout"'],
  ['(not|n.t) have checked', '"pause"'],
  ['embedded (server|postgres|postgresql)', '"bundled"; "embedded" is for a monitor within a program'],
  ['(save|store)[sd]? (a|the|each|every|all) (checks?|results?|slots?)', '"record"'],
  ['unsaved checks?', '"unrecorded check"'],
  ['(?<!`)unrun(?!`)', '"returned"'],
  ['recheck(ed|ing)?', '"confirm"; `rechecks` is the column only'],
  ['turn(s|ed)? (up|down)', '"goes down", "comes up", or "transition"'],
  ['keeps? up the database', '"does the upkeep of the database"'],
]);

/** What parts two words: white space, and what begins the next line of a comment */
const BREAK = '(?:\\s|\\n\\s*(?:\\*|//|--|#)\\s)+';

/** One line per phrase found: file, line, the phrase, and what to write instead. */
export const unplainWords = (): string[] =>
  globSync(GLOBS, { cwd: CHECKOUT })
    .sort()
    .flatMap(file =>
      unplainWordsIn(readFileSync(join(CHECKOUT, file), 'utf8')).map(found => `${file}${found}`),
    );

/** Each as `:line: "phrase", write …`. */
export const unplainWordsIn = (text: string): string[] =>
  [...INSTEAD].flatMap(([phrase, instead]) =>
    [...text.matchAll(new RegExp(`\\b(?:${phrase.replaceAll(' ', BREAK)})\\b`, 'gi'))].map(
      ({ 0: found, index }) =>
        `:${text.slice(0, index).split('\n').length}: ${JSON.stringify(found)}, write ${instead}`,
    ),
  );
