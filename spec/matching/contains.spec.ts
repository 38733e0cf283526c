import { expect } from 'chai';
import { contains, containsLinearly } from '../../lib/matching/contains.ts';

describe('contains', () => {
  it('finds what String.includes finds, in all texts and bodies of two letters', async () => {
    const words = (length: number) =>
      Array.from({ length: 2 ** length }, (_, bits) =>
        bits.toString(2).padStart(length, '0').replaceAll('0', 'a').replaceAll('1', 'b'),
      );
    for (const body of ['', ...words(3), ...words(8)])
      for (const text of ['', ...words(1), ...words(2), ...words(4), ...words(5)])
        expect(await containsLinearly(body, text), `${text} in ${body}`).to.equal(body.includes(text));
  });

  it('finds text of 1,000 characters behind a million near misses', async () => {
    const text = `b${'a'.repeat(999)}`;
    const nearMisses = 'a'.repeat(1_000_000);
    expect(await contains(nearMisses, text)).to.equal(false);
    expect(await contains(nearMisses + text, text)).to.equal(true);
  });

  it('finds a short text wherever the slices of a long body meet', async () => {
    for (const text of ['needle', 'needles'.repeat(2)])
      for (let at = 60_000; at < 200_000; at += 9_973)
        expect(await contains(`${'n'.repeat(at)}${text}${'e'.repeat(1_000_000)}`, text), `${at}`).to.equal(
          true,
        );
    expect(await contains('n'.repeat(1_000_000), 'needle')).to.equal(false);
  });

  it('compares UTF-16 code units, as String.includes does', async () => {
    expect(await contains('x😀y', '😀')).to.equal(true);
    expect(await contains('x\ud83dy', '\ud83d')).to.equal(true);
    expect(await contains('a\0b', '\0b')).to.equal(true);
  });
});
