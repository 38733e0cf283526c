import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { describeWith, lacking } from '../support/debian.ts';
import { DIALECTS, type Result } from '../support/pattern-dialects.ts';

/** Answers a list of patterns with subjects by its own version and their results, in JSON. */
const PROGRAM = `
import json, re, sys, warnings
warnings.simplefilter('ignore')  # of what later versions may read otherwise
def result(pattern, subject):
    try:
        return 'found' if re.search(pattern, subject) else 'absent'
    except re.error:
        return 'refused'
json.dump({
    'version': sys.version_info[:2],
    'results': [[result(p, s) for s in subjects] for p, subjects in json.load(sys.stdin)],
}, sys.stdout)
`;

interface Answer {
  readonly version: readonly [major: number, minor: number];
  readonly results: readonly (readonly Result[])[];
}

/** The version that the table is of: 3.11 has possessive quantifiers, and refuses flags in the middle. */
const MINOR_MIN = 11;

/** What 3.14 has added. */
const SINCE_3_14: Readonly<Record<string, readonly Result[]>> = {
  'bye\\z': ['found', 'absent', 'absent'],
};

describeWith('python3', 'The dialect of patterns of Python', () => {
  let answer: Answer;
  before(() => {
    const input = JSON.stringify(DIALECTS.map(({ pattern, subjects }) => [pattern, subjects]));
    try {
      answer = JSON.parse(execFileSync('python3', ['-c', PROGRAM], { input, encoding: 'utf8' }));
    } catch (error) {
      return lacking('python3', error);
    }
    const [major, minor] = answer.version;
    if (major !== 3 || minor < MINOR_MIN) lacking('python3', `Python ${major}.${minor} is too old`);
  });

  for (const [index, { construct, pattern, results }] of DIALECTS.entries()) {
    it(`${construct}, as in ${pattern || 'none'}`, () => {
      const added = answer.version[1] >= 14 ? SINCE_3_14[pattern] : undefined;
      expect(answer.results[index]).to.deep.equal(added ?? results.python);
    });
  }
});
