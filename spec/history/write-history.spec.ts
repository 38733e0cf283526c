import { appendFileSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Check, Settled } from '../../lib/domain/check/check.ts';
import { writeHistory } from '../../lib/history/write-history.ts';
import { readHistory } from '../../scripts/history/read-history.ts';
import { aCheck } from '../support/a-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOW_MS = 5_000;
const OFFSET_MS = 1_767_225_600_000;

/** Makes a check of the target's slot, leased under `epoch`. */
const checkOf = (targetId: string, epoch = 1, more: Partial<Check> = {}): Check => {
  const check = aCheck(more);
  const slot = { ...check.lease.slot, targetId };
  return { ...check, lease: { ...check.lease, slot, epoch, databaseClockOffsetMs: OFFSET_MS } };
};

describe('The history', () => {
  let folder: string;
  let path: string;
  let troubles: unknown[];
  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder, 'history');
    troubles = [];
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (to = path) =>
    writeHistory({
      path: to,
      worker: 'f3a1',
      onTrouble: error => void troubles.push(error),
      monotonicMs: () => NOW_MS,
    });
  const lines = () => readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const events = () => readHistory(readFileSync(path, 'utf8'));

  it('writes each event before the work goes on: worker, lease, slot, and the time by both clocks', () => {
    const { hooks } = open();
    const { lease } = checkOf('7');
    hooks.started(lease);
    expect(lines().map(line => JSON.parse(line))).to.deep.equal([
      {
        event: 'started',
        worker: 'f3a1',
        batchId: '9',
        epoch: 1,
        targetId: '7',
        scheduledAt: '2026-01-01 00:00:00.123456+00',
        databaseMs: NOW_MS + OFFSET_MS,
        monotonicMs: NOW_MS,
      },
    ]);
  });

  it('tells a lease from a takeover by the epoch, and says when each expires', () => {
    const { hooks } = open();
    const leases = [checkOf('1'), checkOf('2', 2)].map(({ lease }) => lease);
    hooks.pass({ leases, slotsMissed: 0, nextDueInMs: 1 });
    expect(events().map(({ event, targetId }) => [event, targetId])).to.deep.equal([
      ['leased', '1'],
      ['taken_over', '2'],
    ]);
    for (const event of events()) expect(event).to.include({ expiresAtMonotonicMs: 60_000 });
  });

  it('says what was found, or why the slot was not run', () => {
    const { hooks } = open();
    const verdict = { outcome: 'down', cause: 'http_status', detail: 'the final status is 503' } as const;
    hooks.settled(checkOf('1'));
    hooks.settled(checkOf('2', 1, { verdict }));
    hooks.settled({ kind: 'returned', lease: checkOf('3').lease, reason: 'shutdown' });
    const [up, down, returned] = events();
    expect(up).to.include({ event: 'finished', outcome: 'up', cause: null, totalUs: 43_534 });
    expect(down).to.include({ event: 'finished', outcome: 'down', cause: 'http_status' });
    expect(returned).to.include({ event: 'returned', reason: 'shutdown' });
  });

  it('says what the database answered for each slot, in the order in which they were sent', () => {
    const { hooks } = open();
    const [kept, lost, stripped] = [checkOf('1'), checkOf('2'), checkOf('3')];
    const returned: Settled = { kind: 'returned', lease: checkOf('4').lease, reason: 'shutdown' };
    const recorded = [kept, { ...stripped, httpStatus: null }]; // as if the database had rejected its content
    hooks.recorded({
      settled: [kept, lost, returned, stripped],
      recorded,
      transitions: [],
      lostLeaseCount: 1,
      rejectedCount: 1,
    });
    expect(events().map(({ event, targetId }) => [event, targetId])).to.deep.equal([
      ['recorded', '1'],
      ['lost', '2'],
      ['given_back', '4'],
      ['recorded', '3'],
    ]);
  });

  it('goes on after a line that a kill cut short, which the reader skips', () => {
    const { lease } = checkOf('7');
    open().hooks.started(lease);
    appendFileSync(path, '{"event":"fini');
    open().hooks.started(lease);
    expect(lines()).to.have.length(3);
    expect(events().map(({ event }) => event)).to.deep.equal(['started', 'started']);
  });

  it('ends, and reports it once, if it cannot be written: a gap would show false breaches', () => {
    const { hooks } = open('/dev/full');
    hooks.started(checkOf('7').lease);
    hooks.started(checkOf('8').lease);
    expect(troubles).to.have.length(1);
    expect(troubles[0]).to.include({ code: 'ENOSPC' });
  });
});
