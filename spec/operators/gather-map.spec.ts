import { expect } from 'chai';
import { lastValueFrom, map, range, timer, toArray } from 'rxjs';
import { gatherMap } from '../../lib/operators/gather-map.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('gatherMap', () => {
  // batches of at most three, a linger of five frames; each batch is emitted when its work ends
  const cases: [sentence: string, takesMs: number, source: string, expected: string][] = [
    ['maps the values that arrived within five frames of the first', 0, 'a-b---------|', '-----x------|'],
    ['does not wait once a batch is full', 0, '(abc)-------|', 'y-----------|'],
    [
      'has no timer of its own: values far apart come alone',
      0,
      'a---------b----------|',
      '-----p---------q-----|',
    ],
    ['does not wait once a batch becomes full', 0, 'ab-c--------|', '---y--------|'],
    ['maps the rest at once when the source completes', 0, 'a-b|', '---(x|)'],
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

  for (const options of [
    { countMax: 0, lingerMs: 5 },
    { countMax: -1, lingerMs: 5 },
    { countMax: 1.5, lingerMs: 5 },
    { countMax: Number.NaN, lingerMs: 5 },
    { countMax: 1, lingerMs: -1 },
    { countMax: 1, lingerMs: Number.NaN },
  ]) {
    it(`refuses countMax ${options.countMax} and lingerMs ${options.lingerMs} when it is called`, () => {
      expect(() => gatherMap(() => [], options)).to.throw(RangeError, /^(countMax|lingerMs): must be/);
    });
  }

  it('works through a long queue of quick batches', async () => {
    const batches = await lastValueFrom(
      range(20_000).pipe(
        gatherMap(batch => [batch.length], { countMax: 20, lingerMs: 5 }),
        toArray(),
      ),
    );
    expect(batches).to.deep.equal(Array(1_000).fill(20));
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
