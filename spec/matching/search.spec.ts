import { expect } from 'chai';
import { literalOf } from '../../lib/matching/literal.ts';
import { search } from '../../lib/matching/search.ts';

describe('search', () => {
  const cases: readonly [pattern: string, body: string, kind: 'found' | 'absent'][] = [
    // matches anywhere in the body unless anchored
    ['w.rld', 'hello world', 'found'],
    ['^w.rld', 'hello world', 'absent'],
    ['h.llo$', 'hello world', 'absent'],
    ['^h.*d$', 'hello world', 'found'],
    // case and lines, with their flags
    ['HELL.', 'hello', 'absent'],
    ['(?i)HELL.', 'hello', 'found'],
    ['(?i:HELL)o', 'hello', 'found'],
    ['a.b', 'a\nb', 'absent'],
    ['(?s)a.b', 'a\nb', 'found'],
    ['^b$', 'a\nb\nc', 'absent'],
    ['(?m)^b$', 'a\nb\nc', 'found'],
    // named groups, in both spellings
    ['(?P<word>h.l)lo', 'hello', 'found'],
    ['(?<word>h.l)lo', 'hello', 'found'],
    // classes and escapes
    ['\\d{3}', 'call 112', 'found'],
    ['\\bcat\\b', 'concatenate', 'absent'],
    ['[[:upper:]]+', 'lower', 'absent'],
    ['\\p{Greek}', 'λ', 'found'],
    ['\\Qa.b\\E', 'axb', 'absent'],
    ['a{,2}', 'a{,2}', 'found'],
    ['', '', 'found'],
    // patterns that hang a backtracking engine
    ['(a+)+$', `${'a'.repeat(50_000)}!`, 'absent'],
    ['(a|a)*b', 'a'.repeat(50_000), 'absent'],
    ['(.*)*x', 'a'.repeat(50_000), 'absent'],
    // characters are code points; a body may contain NUL and lone surrogates
    ['^.$', '😀', 'found'],
    ['a.b', 'a\0b', 'found'],
    ['a\\x00b', 'a\0b', 'found'],
    ['^.ok$', '\ud83dok', 'found'],
    ['o.$', '\ude00ok', 'found'],
  ];

  for (const [pattern, body, kind] of cases)
    it(`${kind === 'found' ? 'finds' : 'does not find'} ${pattern} in ${JSON.stringify(body.slice(0, 20))}`, () => {
      expect(search(pattern, body)).to.deep.equal({ kind });
    });

  const refusals: readonly [pattern: string, detail: RegExp][] = [
    ['(a)\\1', /invalid escape sequence: `\\1`/],
    ['(?=a)', /unsupported Perl syntax: `\(\?=`/],
    ['(?!a)b', /unsupported Perl syntax: `\(\?!`/],
    ['(?<=a)b', /invalid named capture: `\(\?<=a\)b`/],
    ['(a', /missing closing \)/],
    ['[a', /missing closing \]/],
    ['*a', /missing argument to repetition operator: `\*`/],
    ['a**', /invalid nested repetition operator: `\*\*`/],
    ['a{1001}', /invalid repeat count: `\{1001\}`/],
    ['(?i', /unsupported Perl syntax: `\(\?i`/],
    ['\\p{Klingon}', /invalid character class range/],
    ['(?:a?b?c?d?e?f?){1000}', /compiles to 12002 instructions; the limit is 10000/],
    [`${'('.repeat(400)}a`, /missing closing \)/],
  ];

  for (const [pattern, detail] of refusals)
    it(`explains what is wrong with ${pattern.slice(0, 30)}`, () => {
      const match = search(pattern, 'a');
      expect(match.kind).to.equal('invalid');
      expect(match.kind === 'invalid' && match.detail).to.match(detail);
    });

  it('keeps the explanation short and free of lone surrogates', () => {
    const match = search(`(${'😀'.repeat(900)}`, '');
    const detail = match.kind === 'invalid' ? match.detail : '';
    expect(detail).to.have.length.within(1, 500);
    expect(detail.isWellFormed()).to.equal(true);
  });

  it('agrees with literalOf on every ASCII character, alone and after a backslash', () => {
    const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
    const everything = characters.join('');
    for (const pattern of characters.flatMap(character => [character, `\\${character}`])) {
      const literal = literalOf(pattern);
      if (literal === null) continue;
      expect(search(`(?:${pattern})`, literal), pattern).to.deep.equal({ kind: 'found' });
      expect(search(pattern, everything.replaceAll(literal, '')), pattern).to.deep.equal({ kind: 'absent' });
    }
  });
});
