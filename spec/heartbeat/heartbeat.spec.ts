import { expect } from 'chai';
import { defer, delay, finalize, NEVER, type Observable, of, tap } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type Beat, heartbeat, type Sent } from '../../lib/heartbeat/heartbeat.ts';

const MINUTE_MS = 60_000;
const ACCEPTED: Sent = { kind: 'accepted' };

/** What happens in virtual time, one frame a millisecond. */
interface World {
  readonly firstPassAtMs?: number;
  /** Why the worker is not ready at a moment, or null where it is */
  readonly unready?: (nowMs: number) => string | null;
  readonly overdue?: (nowMs: number) => string | null;
  readonly send?: Observable<Sent>;
  readonly untilMs?: number;
}

function live(world: World) {
  const { firstPassAtMs = 0, unready = () => null, overdue = () => null, untilMs = 3.5 * MINUTE_MS } = world;
  const sentAtMs: number[] = [];
  const beats: [atMs: number, beat: Beat][] = [];
  let abortedCount = 0;
  const scheduler = new TestScheduler(() => {});
  scheduler.run(({ cold, flush }) => {
    const send = defer(() => {
      let hasEnded = false;
      sentAtMs.push(scheduler.now());
      return (world.send ?? of(ACCEPTED)).pipe(
        tap(() => {
          hasEnded = true;
        }),
        finalize(() => {
          if (!hasEnded) abortedCount += 1;
        }),
      );
    });
    const beating = heartbeat({
      passes: cold(`${firstPassAtMs}ms a 70s b 10s c`),
      ready: () => ({ isWell: unready(scheduler.now()) === null, reason: unready(scheduler.now()) ?? '' }),
      overdue: () => overdue(scheduler.now()),
      send,
    }).subscribe(beat => beats.push([scheduler.now(), beat]));
    cold(`${untilMs}ms a`).subscribe(() => beating.unsubscribe());
    flush();
  });
  return { sentAtMs, beats, abortedCount };
}

const from =
  (fromMs: number, toMs: number, reason: string) =>
  (nowMs: number): string | null =>
    nowMs >= fromMs && nowMs < toMs ? reason : null;

describe('The heartbeat', () => {
  it('is sent with the first lease pass, then every minute, whatever passes follow', () => {
    const { sentAtMs } = live({ firstPassAtMs: 2_000 });
    expect(sentAtMs).to.deep.equal([2_000, 62_000, 122_000, 182_000]);
  });

  it('is not sent before the first lease pass', () => {
    expect(live({ firstPassAtMs: 10 * MINUTE_MS }).sentAtMs).to.deep.equal([]);
  });

  it('is withheld, with the reason, while the worker is not ready', () => {
    const { sentAtMs, beats } = live({ unready: from(50_000, 130_000, 'lease: gone') });
    expect(sentAtMs).to.deep.equal([0, 180_000]);
    expect(beats).to.deep.equal([
      [0, ACCEPTED],
      [60_000, { kind: 'withheld', reason: 'lease: gone' }],
      [120_000, { kind: 'withheld', reason: 'lease: gone' }],
      [180_000, ACCEPTED],
    ]);
  });

  it('is withheld, with the reason, while work is overdue', () => {
    const { sentAtMs, beats } = live({ overdue: from(50_000, 70_000, 'not leased') });
    expect(sentAtMs).to.deep.equal([0, 120_000, 180_000]);
    expect(beats[1]).to.deep.equal([60_000, { kind: 'withheld', reason: 'not leased' }]);
  });

  it('continues after a failure', () => {
    const failed: Sent = { kind: 'failed', reason: 'status 500' };
    const { beats } = live({ send: of(failed).pipe(delay(500)), untilMs: 61_000 });
    expect(beats).to.deep.equal([
      [500, failed],
      [60_500, failed],
    ]);
  });

  it('skips the beats that fall due while one is being sent', () => {
    const { sentAtMs } = live({ send: of(ACCEPTED).pipe(delay(90_000)), untilMs: 4.5 * MINUTE_MS });
    expect(sentAtMs).to.deep.equal([0, 120_000, 240_000]);
  });

  it('aborts what is being sent when it is unsubscribed', () => {
    const { sentAtMs, abortedCount } = live({ send: NEVER });
    expect(sentAtMs).to.deep.equal([0]);
    expect(abortedCount).to.equal(1);
  });
});
