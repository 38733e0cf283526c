import { expect } from 'chai';
import { batched } from '../../lib/operators/batched.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('batched', () => {
  const cases: [sentence: string, source: string, expected: string][] = [
    ['closes a batch five frames after its first value', 'a-b--------|', '-----x-----|'],
    ['closes a batch that is full at once', 'abc--------|', '--y--------|'],
    ['starts the next batch, and its time, with the next value', 'abc-a-b----|', '--y------x-|'],
    ['hands over the rest when the source completes', 'a-b|', '---(x|)'],
    ['never emits an empty batch', '-----------|', '-----------|'],
    [
      'has no timer of its own: values far apart come alone',
      'a---------b---------|',
      '-----p---------q----|',
    ],
  ];
  const values = { x: ['a', 'b'], y: ['a', 'b', 'c'], p: ['a'], q: ['b'] };
  for (const [sentence, source, expected] of cases) {
    it(sentence, () => {
      inVirtualTime(({ hot, expectObservable }) => {
        const batches = hot(source).pipe(batched({ countMax: 3, lingerMs: 5 }));
        expectObservable(batches).toBe(expected, values);
      });
    });
  }

  it('keeps every value, in order, whatever the rhythm', () => {
    inVirtualTime(({ hot, flush }) => {
      const source = 'ab--cdefg-h-----ij(klmno)--p|';
      const seen: string[] = [];
      hot(source)
        .pipe(batched({ countMax: 3, lingerMs: 4 }))
        .subscribe(batch => {
          expect(batch.length).to.be.within(1, 3);
          seen.push(...batch);
        });
      flush();
      expect(seen.join('')).to.equal('abcdefghijklmnop');
    });
  });
});
