import { expect } from 'chai';
import { literalOf } from '../../lib/matching/literal.ts';

describe('literalOf', () => {
  const cases: readonly [pattern: string, literal: string | null][] = [
    ['abc', 'abc'],
    ['', ''],
    ['ABC déjà 😀', 'ABC déjà 😀'],
    ['</html>', '</html>'],
    ['v1\\.2', 'v1.2'],
    ['\\(c\\) \\\\', '(c) \\'],
    ['v1.2', null],
    ['^abc', null],
    ['abc$', null],
    ['a|b', null],
    ['a*', null],
    ['a+', null],
    ['a?', null],
    ['[a]', null],
    ['(a)', null],
    ['(?i)abc', null],
    ['a{2}', null],
    ['\\d', null],
    ['\\Qa\\E', null],
    ['\\x41', null],
    ['a\\', null],
  ];

  for (const [pattern, literal] of cases)
    it(`reads ${JSON.stringify(pattern)} as ${literal === null ? 'a pattern' : `the text ${JSON.stringify(literal)}`}`, () => {
      expect(literalOf(pattern)).to.equal(literal);
    });
});
