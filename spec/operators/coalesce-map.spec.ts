import { expect } from 'chai';
import { defer, Observable, of, Subject, throwError } from 'rxjs';
import { coalesceMap } from '../../lib/operators/coalesce-map.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('coalesceMap', () => {
  // each run lasts three frames and then emits its value
  const cases: [sentence: string, source: string, run: string, expected: string][] = [
    ['runs at once when nothing runs', 'a-------|', '--x|', '--A-----|'],
    ['runs once more for a value that arrived during a run', 'ab------|', '--x|', '--A--B--|'],
    [
      'runs exactly once more for many values that arrived during a run',
      'abcd------|',
      '--x|',
      '--A--D----|',
    ],
    ['finishes the run under way when the source completes', 'a|', '----x|', '----A|'],
    ['makes the run that is still owed when the source completes', 'ab|', '--x|', '--A--B|'],
    ['completes if the source is empty', '|', '--x|', '|'],
  ];
  for (const [sentence, source, run, expected] of cases) {
    it(sentence, () => {
      inVirtualTime(({ hot, cold, expectObservable }) => {
        const woken = hot(source).pipe(coalesceMap(value => cold(run, { x: value.toUpperCase() })));
        expectObservable(woken).toBe(expected);
      });
    });
  }

  it('never runs two at a time, whenever values arrive', () => {
    let running = 0;
    let runningMost = 0;
    inVirtualTime(({ hot, cold, flush }) => {
      hot('abcdefghij|')
        .pipe(
          coalesceMap(() =>
            defer(() => {
              running += 1;
              runningMost = Math.max(runningMost, running);
              return new Observable(subscriber => {
                const inner = cold('---x|').subscribe(subscriber);
                return () => {
                  running -= 1;
                  inner.unsubscribe();
                };
              });
            }),
          ),
        )
        .subscribe();
      flush();
    });
    expect({ running, runningMost }).to.deep.equal({ running: 0, runningMost: 1 });
  });

  it('runs again for a value that its own run causes, without deepening the stack', () => {
    const wakeUps = new Subject<number>();
    const seen: number[] = [];
    wakeUps.pipe(coalesceMap(round => of(round))).subscribe(round => {
      seen.push(round);
      if (round < 50_000) wakeUps.next(round + 1);
    });
    wakeUps.next(1);
    expect(seen).to.have.length(50_000);
  });

  it('passes on an error of a run, of the source and of the mapping', () => {
    const errors: unknown[] = [];
    const failing = [
      of(1).pipe(coalesceMap(() => throwError(() => 'run'))),
      throwError(() => 'source').pipe(coalesceMap(() => of(1))),
      of(1).pipe(
        coalesceMap(() => {
          throw 'mapping';
        }),
      ),
    ];
    for (const one of failing) one.subscribe({ error: error => errors.push(error) });
    expect(errors).to.deep.equal(['run', 'source', 'mapping']);
  });

  it('cancels the run when it is unsubscribed', () => {
    let isEnded = false;
    const wakeUps = new Subject<void>();
    const running = wakeUps
      .pipe(
        coalesceMap(
          () =>
            new Observable(() => () => {
              isEnded = true;
            }),
        ),
      )
      .subscribe();
    wakeUps.next();
    running.unsubscribe();
    expect(isEnded).to.equal(true);
  });
});
