/**
 * Cost of one match: on the matcher's thread, in place with the engine, in place with RegExp.
 *
 * node_modules/.bin/node bench/parts/matching.ts
 */
import { RE2JS } from 're2js';
import { createMatcher } from '../../lib/matching/matcher.ts';

const PATTERNS = ['Welcome', 'Wel.*ome', '(?i)welcome', '[a-z]+[0-9]{4}', '<title>[^<]*Welcome', '(a+)+$'];
const BODY_CHARACTERS = [100, 10_000, 1_000_000];
const MEASURED_MS = 300;
const SENTENCE = 'lorem ipsum dolor sit amet <b>aababba</b> a1b2 <title>Some page</title> ';

/** Median milliseconds of one call, after a warm-up. */
const medianMs = async (call: () => unknown): Promise<number> => {
  for (let count = 0; count < 3; count++) await call();
  const durationsMs: number[] = [];
  for (const endMs = performance.now() + MEASURED_MS; performance.now() < endMs; ) {
    const startedAtMs = performance.now();
    await call();
    durationsMs.push(performance.now() - startedAtMs);
  }
  return durationsMs.sort((a, b) => a - b)[durationsMs.length >> 1] ?? Number.NaN;
};

const regExpOf = (pattern: string): RegExp =>
  pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'iu') : new RegExp(pattern, 'u');

const matcher = createMatcher({ runMsMax: 10_000, patienceMs: 10_000 });
for (const characters of BODY_CHARACTERS) {
  const body = SENTENCE.repeat(characters / SENTENCE.length + 1).slice(0, characters);
  for (const pattern of PATTERNS) {
    const re2 = RE2JS.compile(pattern);
    const regExp = regExpOf(pattern);
    const [matcherMs, engineMs, regExpMs] = [
      await medianMs(() => matcher.match(pattern, body)),
      await medianMs(() => re2.test(body)),
      await medianMs(() => regExp.test(body)),
    ];
    const row = { matcher: matcherMs, 'RE2 in place': engineMs, 'RegExp in place': regExpMs };
    const cells = Object.entries(row).map(([name, ms]) => `${name} ${ms.toFixed(4)} ms`);
    console.log([String(characters).padStart(9), pattern.padEnd(20), ...cells].join('  '));
  }
}
await matcher.close();
