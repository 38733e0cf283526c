import { expect } from 'chai';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import type { Phases } from '../../lib/domain/check/answer.ts';
import type { Check } from '../../lib/domain/check/check.ts';
import { checkerWith } from '../support/checking.ts';
import { measureHeldUpTime } from '../support/held-up-time.ts';
import type { HostileProcess } from '../support/hostile/hostile-process.ts';
import { startHostileProcess } from '../support/hostile/hostile-process.ts';
import type { HostileRow } from '../support/hostile/hostile-website.ts';
import { HOSTILE_ROWS } from '../support/hostile/hostile-website.ts';

/** For what only the deadline ends, and for what ends of itself. */
const SHORT_MS = 500;
const LONG_MS = 5_000;
const AT_ONCE = 16;
const CAP_BYTES = 64 * 1024;
const MIB = 1024 * 1024;

const KINDS = new Set(HOSTILE_ROWS.map(({ kind }) => kind));

const budgetMsOf = ({ expected }: HostileRow): number =>
  expected === 'cut' || expected.endsWith('_timeout') ? SHORT_MS : LONG_MS;

const STUCK_IN: Readonly<Record<string, keyof Phases>> = {
  connect_timeout: 'connectUs',
  tls_timeout: 'tlsUs',
  response_timeout: 'ttfbUs',
  transfer_timeout: 'transferUs',
};

const seenIn = ({ verdict, bodyCut }: Check): string =>
  verdict.outcome === 'up' ? (bodyCut ? 'cut' : 'up') : verdict.cause;

const detailOf = ({ verdict }: Check): string | null => (verdict.outcome === 'up' ? null : verdict.detail);

describe('A hostile website', function () {
  this.timeout(60_000);
  let website: HostileProcess;
  const checks = new Map<HostileRow, Check & { readonly tookMs: number }>();
  const troubles: unknown[] = [];
  const onTrouble = (trouble: unknown) => troubles.push(trouble);
  const TROUBLES = ['uncaughtException', 'unhandledRejection', 'warning'] as const;

  const urlOf = (row: HostileRow): string => website.urls[HOSTILE_ROWS.indexOf(row)] ?? '';

  before(async () => {
    for (const trouble of TROUBLES) process.on(trouble, onTrouble);
    website = await startHostileProcess();
    const held = measureHeldUpTime();
    const check = checkerWith({ bodyBytesMax: CAP_BYTES, ca: website.ca });
    const checkRow = async (row: HostileRow): Promise<void> => {
      const [beganMs, heldUpBeforeMs] = [performance.now(), held.heldUpMs()];
      const seen = await check(urlOf(row), row.target, budgetMsOf(row));
      // Time in which the process was held up is given back to the wait.
      const heldUpMs = held.heldUpMs() - heldUpBeforeMs;
      checks.set(row, { ...seen, tookMs: performance.now() - beganMs - heldUpMs });
    };
    await lastValueFrom(from(HOSTILE_ROWS).pipe(mergeMap(checkRow, AT_ONCE), toArray()));
    held.stop();
  });
  after(async () => {
    for (const trouble of TROUBLES) process.off(trouble, onTrouble);
    await website.close();
  });

  for (const kind of KINDS) {
    describe(`of ${kind}`, () => {
      for (const row of HOSTILE_ROWS.filter(row => row.kind === kind)) {
        it(`${row.what}: ${row.expected}`, () => {
          const check = checks.get(row) as Check & { readonly tookMs: number };
          expect(seenIn(check), detailOf(check) ?? '').to.equal(row.expected);
          expect(check.httpStatus).to.equal(row.httpStatus);
          expect(check.tookMs).to.be.below(budgetMsOf(row) + 1_000);
        });
      }
    });
  }

  it('is listed once per misbehaviour, each under its own path or port', () => {
    expect(new Set(website.urls)).to.have.property('size', HOSTILE_ROWS.length);
  });

  it('is described in a few printable words', () => {
    for (const [{ what }, check] of checks) {
      const detail = detailOf(check);
      if (detail !== null) expect(detail, what).to.match(/^[^\p{Cc}\p{Cs}]{1,500}$/u);
    }
  });

  it('is timed up to the phase in which the check got stuck', () => {
    for (const [{ what, expected }, { phases }] of checks) {
      const phase = STUCK_IN[expected];
      if (phase !== undefined) expect(phases[phase], what).to.be.a('number');
    }
  });

  it('is never mistaken for a problem on our side', () => {
    const unknown = [...checks].filter(([, { verdict }]) => verdict.outcome === 'unknown');
    expect(unknown.map(([{ what }]) => what)).to.deep.equal([]);
  });

  it('keeps none of our connections open', async () => {
    expect(await website.leftOpen()).to.deep.equal([]);
  });

  it('does not disturb other checks: all misbehaviours at once next to 200 healthy websites', async () => {
    const check = checkerWith({ ca: website.ca });
    const before = process.memoryUsage.rss();
    const hostile = HOSTILE_ROWS.map(row => check(urlOf(row), row.target, LONG_MS));
    const healthy = Array.from({ length: 200 }, () => check(website.healthyUrl, {}, 20_000));
    const seen = (await Promise.all(healthy)).map(seenIn);
    expect(seen).to.deep.equal(Array(200).fill('up'));
    await Promise.all(hostile);
    expect(process.memoryUsage.rss() - before).to.be.below(256 * MIB);
    expect(await website.leftOpen()).to.deep.equal([]);
  });

  it('holds less than twice the cap of each bomb', async () => {
    const capBytes = 8 * MIB;
    const check = checkerWith({ bodyBytesMax: capBytes });
    const bombs = HOSTILE_ROWS.filter(({ kind }) => kind === 'bombs');
    const outsideHeap = (): number => {
      const { rss, heapTotal } = process.memoryUsage(); // bodies lie outside; what the heap has not collected is no body
      return rss - heapTotal;
    };
    const before = outsideHeap();
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, outsideHeap());
    }, 1);
    const seen = await Promise.all(bombs.map(row => check(urlOf(row))));
    clearInterval(watch);
    expect(seen.map(seenIn)).to.deep.equal(bombs.map(() => 'cut'));
    expect(most - before).to.be.below(2 * capBytes * bombs.length);
  });

  it('has caused no unhandled error and no warning', () => {
    expect(troubles).to.deep.equal([]);
  });
});
