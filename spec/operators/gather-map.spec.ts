import { expect } from 'chai';
import { map, timer } from 'rxjs';
import { gatherMap } from '../../lib/operators/gather-map.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('gatherMap', () => {
  // batches of at most three, a linger of five frames; each batch is emitted when its work ends
  const cases: [sentence: string, takesMs: number, source: string, expected: string][] = [
    ['maps the values that arrived within five frames of the first', 0, 'a-b---------|', '-----x------|'],
    ['does not wait once a batch is full', 0, '(abc)-------|', '-----y------|'],
    [
      'has no timer of its own: values far apart come alone',
      0,
      'a---------b----------|',
      '-----p---------q-----|',
    ],
    ['maps the rest when the source completes', 0, 'a-b|', '-----(x|)'],
    ['emits nothing if the source is empty', 0, '-----|', '-----|'],
    [
      'gathers all that comes while a batch is running',
      20,
      'a------b---c-----------------------------|',
      '-------------------------p------------------------(r|)',
    ],
  ];
  const values = { x: 'ab', y: 'abc', p: 'a', q: 'b', r: 'bc' };
  for (const [sentence, takesMs, source, expected] of cases) {
    it(sentence, () => {
      inVirtualTime(({ hot, expectObservable }) => {
        const mapped = hot(source).pipe(
          gatherMap(batch => timer(takesMs).pipe(map(() => batch.join(''))), { countMax: 3, lingerMs: 5 }),
        );
        expectObservable(mapped).toBe(expected, values);
      });
    });
  }

  it('makes larger batches when work slows, one at a time, and keeps the values in order', () => {
    inVirtualTime(({ hot, flush }) => {
      const batches: string[][] = [];
      let running = 0;
      hot('abcdefghijklmnopqrstuvwxyz|')
        .pipe(
          gatherMap(
            batch => {
              running += 1;
              expect(running).to.equal(1);
              batches.push([...batch]);
              return timer(10).pipe(
                map(() => {
                  running -= 1;
                }),
              );
            },
            { countMax: 100, lingerMs: 2 },
          ),
        )
        .subscribe();
      flush();
      expect(batches.flat().join('')).to.equal('abcdefghijklmnopqrstuvwxyz');
      expect(batches.map(batch => batch.length)).to.deep.equal([3, 12, 11]);
    });
  });

  it('never exceeds the largest batch, and maps the rest without delay', () => {
    inVirtualTime(({ hot, flush }) => {
      const batches: string[] = [];
      hot('(abcdefgh)|')
        .pipe(gatherMap(batch => [batches.push(batch.join(''))], { countMax: 3, lingerMs: 5 }))
        .subscribe();
      flush();
      expect(batches).to.deep.equal(['abc', 'def', 'gh']);
    });
  });
});
