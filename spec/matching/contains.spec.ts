import { expect } from 'chai';
import { contains } from '../../lib/matching/contains.ts';

describe('contains', () => {
  it('finds what String.includes finds, in all texts and bodies of two letters', () => {
    const words = (length: number) =>
      Array.from({ length: 2 ** length }, (_, bits) =>
        bits.toString(2).padStart(length, '0').replaceAll('0', 'a').replaceAll('1', 'b'),
      );
    for (const body of ['', ...words(3), ...words(8)])
      for (const text of ['', ...words(1), ...words(2), ...words(4), ...words(5)])
        expect(contains(body, text), `${text} in ${body}`).to.equal(body.includes(text));
  });

  it('finds text of 1,000 characters behind a million near misses', () => {
    const text = `b${'a'.repeat(999)}`;
    const nearMisses = 'a'.repeat(1_000_000);
    expect(contains(nearMisses, text)).to.equal(false);
    expect(contains(nearMisses + text, text)).to.equal(true);
  });

  it('compares UTF-16 code units, as String.includes does', () => {
    expect(contains('x😀y', '😀')).to.equal(true);
    expect(contains('x\ud83dy', '\ud83d')).to.equal(true);
    expect(contains('a\0b', '\0b')).to.equal(true);
  });
});
