import { expect } from 'chai';
import { hasRoom, leased, leasesMax, recorded, settled, VACANT } from '../../lib/domain/occupancy.ts';

describe('occupancy', () => {
  const LIMITS = { workerNumber: 10, queueSize: 30, batchSize: 8 };

  it('follows a slot from its lease to its record', () => {
    const running = leased(VACANT, 5);
    expect(running).to.deep.equal({ running: 5, slow: 0, unrecorded: 0 });
    const half = settled(running, 2);
    expect(half).to.deep.equal({ running: 3, slow: 0, unrecorded: 2 });
    expect(recorded(settled(half, 3), 5)).to.deep.equal(VACANT);
  });

  const cases: [sentence: string, running: number, unrecorded: number, room: number][] = [
    ['no more than a batch', 0, 0, 8],
    ['no more than the free places', 7, 0, 3],
    ['no more than the queue holds beside unrecorded slots', 2, 23, 5],
    ['no more than the queue holds beside running and unrecorded slots', 4, 24, 2],
    ['nothing when every place is taken', 10, 0, 0],
    ['nothing when the queue is full of unrecorded slots', 0, 30, 0],
    ['nothing, never a negative number, beyond the bounds', 12, 40, 0],
  ];
  describe('has room for', () => {
    for (const [sentence, running, unrecorded, room] of cases) {
      it(`${sentence}: ${room} beside ${running} running and ${unrecorded} unrecorded`, () => {
        expect(leasesMax({ running, slow: 0, unrecorded }, LIMITS)).to.equal(room);
      });
    }
  });

  const fractions: [workerNumber: number, queueSize: number, batchSize: number, enough: number][] = [
    [1, 1, 1, 1],
    [8, 100, 100, 1],
    [9, 100, 100, 2],
    [256, 2_000, 200, 25],
    [256, 2_000, 16, 2],
    [256, 64, 200, 8],
  ];
  describe('is worth a query', () => {
    for (const [workerNumber, queueSize, batchSize, enough] of fractions) {
      it(`from ${enough} slots, with ${workerNumber} places, a queue of ${queueSize} and batches of ${batchSize}`, () => {
        const limits = { workerNumber, queueSize, batchSize };
        const fullest = Math.min(workerNumber, queueSize);
        expect(hasRoom({ running: fullest - enough, slow: 0, unrecorded: 0 }, limits)).to.equal(true);
        expect(hasRoom({ running: fullest - enough + 1, slow: 0, unrecorded: 0 }, limits)).to.equal(false);
        expect(hasRoom(VACANT, limits)).to.equal(true);
      });
    }
  });

  it('never lets leased and unrecorded slots exceed the bound, whatever the rhythm of leases and records', () => {
    let now = VACANT;
    let total = 0;
    for (let step = 0; step < 1_000; step += 1) {
      if (hasRoom(now, LIMITS)) now = leased(now, leasesMax(now, LIMITS));
      expect(now.running).to.be.within(0, LIMITS.workerNumber);
      expect(now.running + now.unrecorded).to.be.within(0, LIMITS.queueSize);
      total += now.running;
      now = settled(now, (step * 7) % (now.running + 1));
      now = recorded(now, (step * 5) % (now.unrecorded + 1));
    }
    expect(total).to.be.above(0);
  });
});
