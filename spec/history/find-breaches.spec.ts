import { expect } from 'chai';
import type { HistoryEvent } from '../../lib/history/event.ts';
import { findBreaches } from '../../lib/history/find-breaches.ts';
import type { LoggedRequest, Result, Tables } from '../../lib/history/tables.ts';
import { aGap, aResult, aSchedule, openBatch, ran, tablesOf, toDatabaseMs, told, toUs } from '../support/a-history.ts';

interface World {
  readonly history: readonly HistoryEvent[];
  readonly tables: Tables;
  readonly requests?: readonly LoggedRequest[];
}

/** Target 1 is inserted at 3 s, off the grid of 10 s, and the next slot is that at 30 s. */
const FIRST = 3_000;
const SECOND = 10_000;
const THIRD = 20_000;
const RESULTS = [aResult(FIRST), aResult(SECOND), aResult(THIRD)];
const AROUND = [...ran('a', FIRST), ...ran('a', THIRD)];

/** All is well but for what happens to the second slot. */
const second = (events: readonly HistoryEvent[], tables: Partial<Tables> = {}): World => ({
  history: [...ran('a', FIRST), ...events, ...ran('c', THIRD)],
  tables: tablesOf(RESULTS, tables),
});
const withTables = (tables: Partial<Tables>): World => ({
  history: [...AROUND, ...ran('b', SECOND)],
  tables: tablesOf(RESULTS, tables),
});
const withSecondResult = (more: Partial<Result>): World =>
  withTables({ results: [aResult(FIRST), aResult(SECOND, more), aResult(THIRD)] });
const withoutSecondResult = { results: [aResult(FIRST), aResult(THIRD)] };
const withSecondDown = (cause: Result['cause'], ...statuses: readonly (number | null)[]): World => ({
  ...withSecondResult({ outcome: 'down', cause }),
  requests: [FIRST, THIRD].map(slotMs => request(slotMs, 200)).concat(statuses.map(status => request(SECOND, status))),
});
const request = (slotMs: number, status: number | null): LoggedRequest => ({
  targetId: '1',
  atMs: toDatabaseMs(slotMs + 2),
  status,
});

const problemsOf = ({ history, tables, requests }: World): readonly string[] =>
  findBreaches(history, tables, requests ?? null).map(({ problem }) => problem);

describe('findBreaches', () => {
  describe('accepts', () => {
    const LATE = SECOND + 4_000;
    const accepted: Readonly<Record<string, World>> = {
      'nothing at all': { history: [], tables: tablesOf([], { schedules: [] }) },
      'slots on the grid, after a first off it': second(ran('b', SECOND)),
      'a takeover from a worker that was killed before it had heard of its lease': second(
        ran('b', SECOND, LATE, 2),
      ),
      'a takeover from a worker that was killed in its fetch': second([
        told('a', 'leased', SECOND, SECOND + 1),
        told('a', 'started', SECOND, SECOND + 2),
        ...ran('b', SECOND, LATE, 2),
      ]),
      'a takeover from a worker that was killed with its check unsaved': second([
        ...ran('a', SECOND).slice(0, 3),
        ...ran('b', SECOND, LATE, 2),
      ]),
      'a check that was recorded by a worker that was killed before it knew': second(ran('a', SECOND).slice(0, 3)),
      'a paused worker that goes on after the takeover and is refused': second([
        ...ran('a', SECOND).slice(0, 2),
        ...ran('b', SECOND, LATE, 2),
        told('a', 'finished', SECOND, LATE + 5),
        told('a', 'lost', SECOND, LATE + 6),
      ]),
      'a slot that was given back, and taken over at once': second([
        ...ran('a', SECOND).slice(0, 2),
        told('a', 'unrun', SECOND, SECOND + 3),
        told('a', 'given_back', SECOND, SECOND + 9),
        ...ran('b', SECOND, SECOND + 5, 2),
      ]),
      'a slot that a worker gave back and took over itself': second([
        told('a', 'leased', SECOND, SECOND + 1),
        told('a', 'unrun', SECOND, SECOND + 3),
        told('a', 'given_back', SECOND, SECOND + 4),
        ...ran('a', SECOND, SECOND + 5, 2),
      ]),
      'slots that nobody ran, and that are a gap': {
        history: ran('a', THIRD),
        tables: tablesOf([aResult(THIRD)], { gaps: [aGap(FIRST, SECOND, 2)] }),
      },
      'a slot that was started, given up, and is a gap': second(ran('a', SECOND).slice(0, 2), {
        ...withoutSecondResult,
        gaps: [aGap(SECOND, SECOND, 1)],
      }),
      'a slot that is under way in an open batch, beside one that is recorded': second(ran('a', SECOND).slice(0, 1), {
        ...withoutSecondResult,
        openBatches: [openBatch(FIRST, SECOND)],
      }),
      'a grid that an edit has moved': withTables({ schedules: [aSchedule({ sinceUs: toUs(THIRD), gridOriginUs: toUs(0) })] }),
      'slots of a target that is no longer there': withTables({ schedules: [] }),
      'a down that the website tells of, too': withSecondDown('http_status', 503),
      'a down of which the website has heard nothing': withSecondDown('connect_timeout'),
      'a down whose answer the website could not send to its end': withSecondDown('transfer_timeout', null),
      'a down by its content, though the website answered': withSecondDown('regex_mismatch', 200),
      'a second request for a slot that was taken over': {
        ...second([...ran('a', SECOND).slice(0, 2), ...ran('b', SECOND, LATE, 2)]),
        requests: [FIRST, SECOND, SECOND, THIRD].map(slotMs => request(slotMs, 200)),
      },
    };
    for (const [sentence, world] of Object.entries(accepted)) {
      it(sentence, () => expect(problemsOf(world)).to.deep.equal([]));
    }
  });

  describe('rejects', () => {
    const SOON = SECOND + 500;
    const LATE = SECOND + 4_000;
    const begun = ran('a', SECOND).slice(0, 2);
    const finished = ran('a', SECOND).slice(0, 3);
    const rejected: readonly (readonly [invariant: number, problem: string, World])[] = [
      [1, 'recorded twice', second([...ran('a', SECOND), ...ran('b', SECOND, LATE, 2)])],
      [1, 'in the tables twice', withTables({ results: [...RESULTS, aResult(SECOND)] })],
      [2, 'recorded, but not in the tables', second(ran('b', SECOND), { ...withoutSecondResult, gaps: [aGap(SECOND, SECOND, 1)] })],
      [2, 'in the tables, but nobody has finished it', second(begun)],
      [2, 'answered out of turn', second([...finished, ...ran('a', SECOND + 0.5).slice(0, 0), ...ran('a', THIRD + 9)])],
      [2, 'accounted for twice', withTables({ gaps: [aGap(SECOND, SECOND, 1)] })],
      [2, 'accounted for twice', withTables({ results: [], gaps: [aGap(FIRST, SECOND, 2), aGap(SECOND, THIRD, 2)] })],
      [2, 'accounted for twice', withTables({ ...withoutSecondResult, gaps: [aGap(SECOND, SECOND, 1)], openBatches: [openBatch(SECOND)] })],
      [2, 'not accounted for', second(begun, withoutSecondResult)],
      [2, 'not accounted for', withTables({ schedules: [aSchedule({ nextUs: toUs(40_000) })] })],
      [2, 'not accounted for', withTables({ schedules: [aSchedule({ sinceUs: toUs(-20_000) })] })],
      [2, 'not accounted for', { history: [], tables: tablesOf([]) }],
      [2, 'a gap that counts wrongly', second([], { ...withoutSecondResult, gaps: [aGap(SECOND, SECOND, 2)] })],
      [3, 'recorded under a lease that had been taken over', second([...finished, ...ran('b', SECOND, LATE, 2).slice(0, 2), told('a', 'recorded', SECOND, LATE + 9)])],
      [3, 'leased twice under one epoch', second([...begun, told('b', 'leased', SECOND, LATE), told('b', 'started', SECOND, LATE + 1)])],
      [3, 'taken over before the lease had expired', second([...begun, ...ran('b', SECOND, SOON, 2)])],
      [3, 'in two open batches', second(begun, { ...withoutSecondResult, openBatches: [openBatch(SECOND), openBatch(SECOND)] })],
      [3, 'started without a lease', second(ran('b', SECOND).slice(1))],
      [3, 'started after its lease had expired', second([told('a', 'leased', SECOND, SECOND + 1), told('a', 'started', SECOND, LATE), told('a', 'finished', SECOND, LATE + 1)])],
      [3, 'started twice under one epoch', second([...begun, ...ran('a', SECOND, SECOND + 2).slice(1)])],
      [3, 'finished without having been started', second(ran('b', SECOND).filter(({ event }) => event !== 'started'))],
      [3, 'more requests than starts', { ...second(ran('b', SECOND)), requests: Array(4).fill(request(SECOND, 200)) }],
      [4, 'down, but the website had answered well', withSecondDown('response_timeout', 200)],
      [5, 'in the tables, but told to nobody', second([...finished, told('a', 'lost', SECOND, LATE)])],
      [9, 'off the grid', withTables({ results: [...RESULTS, aResult(SECOND + 1_000)] })],
      [10, 'run before its slot', second(ran('b', SECOND, SECOND - 1))],
      [10, 'in the tables as run before its slot', withSecondResult({ startedAtMs: toDatabaseMs(SECOND - 1) })],
      [10, 'a negative duration', withSecondResult({ totalUs: -1 })],
      [10, 'a monotonic clock that went back', { ...second(ran('b', SECOND)), history: [...ran('a', FIRST), ...ran('b', SECOND), ...ran('b', THIRD - 19_000)] }],
    ];
    for (const [invariant, problem, world] of rejected) {
      it(`${problem}: invariant ${invariant}`, () => {
        const breaches = findBreaches(world.history, world.tables, world.requests ?? null);
        const found = breaches.filter(one => one.problem === problem);
        expect(found.map(one => one.invariant), JSON.stringify(breaches)).to.deep.equal([invariant]);
      });
    }
  });
});
