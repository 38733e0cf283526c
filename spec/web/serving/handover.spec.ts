import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createHandover, type Handover } from '../../../lib/web/serving/handover.ts';

const READY = { isWell: true, reason: 'listening' };
const STUCK = { isWell: false, reason: 'checking has been stuck for 60 s' };
const pageOf = (body: string) => ({ status: 200, body });

describe('The handover', () => {
  let clock: SinonFakeTimers;
  let handover: Handover;
  let asked: number;

  beforeEach(() => {
    clock = useFakeTimers();
    asked = 0;
    handover = createHandover({
      ready: { isWell: false, reason: 'starting' },
      silenceMsMax: 60_000,
      askForMetrics: () => {
        asked += 1;
      },
      nowMs: () => clock.now,
    });
  });
  afterEach(() => clock.restore());

  const handMetrics = (body: string): void => handover.receive({ kind: 'metrics', page: pageOf(body) });

  it('shows the readiness of the start, then that which was handed over last', () => {
    expect(handover.ready()).to.deep.equal({ isWell: false, reason: 'starting' });
    handover.receive({ kind: 'ready', health: READY });
    expect(handover.ready()).to.deep.equal(READY);
  });

  it('is alive until nothing was handed over for a minute, and not ready either from then on', () => {
    handover.receive({ kind: 'ready', health: READY });
    clock.tick(59_999);
    expect(handover.live()).to.deep.equal({ isWell: true, reason: 'alive' });
    expect(handover.ready()).to.deep.equal(READY);
    clock.tick(1);
    expect(handover.live()).to.deep.equal(STUCK);
    expect(handover.ready()).to.deep.equal(STUCK);
    handover.receive({ kind: 'ready', health: READY });
    expect(handover.live().isWell).to.be.true;
  });

  it('asks for metrics once, however many clients wait for them', async () => {
    const pages = [handover.metrics(), handover.metrics(), handover.metrics()];
    expect(asked).to.equal(1);
    handMetrics('first');
    expect(await Promise.all(pages)).to.deep.equal([pageOf('first'), pageOf('first'), pageOf('first')]);
  });

  it('asks again only after a second', async () => {
    const first = handover.metrics();
    handMetrics('first');
    await first;
    clock.tick(999);
    expect(await handover.metrics()).to.deep.equal(pageOf('first'));
    expect(asked).to.equal(1);
    clock.tick(1);
    const second = handover.metrics();
    expect(asked).to.equal(2);
    handMetrics('second');
    expect(await second).to.deep.equal(pageOf('second'));
  });

  it('shows the last metrics while the checking thread is held up, and does not ask it twice', async () => {
    const first = handover.metrics();
    handMetrics('first');
    await first;
    for (const _wait of [1, 2]) {
      const page = handover.metrics();
      await clock.tickAsync(2_000);
      expect(await page).to.deep.equal(pageOf('first'));
    }
    expect(asked).to.equal(2);
  });

  it('shows no metrics of a checking thread that is stuck, or of which there are none yet', async () => {
    const early = handover.metrics();
    await clock.tickAsync(2_000);
    expect(await early).to.deep.equal({ status: 503, body: 'checking is held up; try again\n' });
    handMetrics('first');
    await clock.tickAsync(58_000);
    const late = handover.metrics();
    await clock.tickAsync(2_000);
    expect(await late).to.deep.equal({ status: 503, body: `${STUCK.reason}\n` });
  });
});
