import { expect } from 'chai';
import { beatLogger } from '../../lib/app/service/open-heartbeat.ts';
import type { Beat } from '../../lib/heartbeat/heartbeat.ts';

const ACCEPTED: Beat = { kind: 'accepted' };
const FAILED: Beat = { kind: 'failed', reason: 'status 500' };
const WITHHELD: Beat = { kind: 'withheld', reason: 'lease: gone' };

/** The messages that these heartbeats log. */
const logged = (...beats: Beat[]): unknown[] => {
  const messages: unknown[] = [];
  const tell = (message: string, facts = {}) => messages.push([message, facts]);
  const logBeat = beatLogger({ warn: tell, info: tell }, 'switch.example');
  for (const beat of beats) logBeat(beat);
  return messages;
};

const host = 'switch.example';
const failedLine = (attempt: number) => [
  'the heartbeat failed; retrying in a minute',
  { host, reason: 'status 500', attempt },
];
const WITHHELD_LINE = ['heartbeat withheld: this worker is unhealthy', { host, reason: 'lease: gone' }];
const AGAIN_LINE = ['heartbeats are accepted again', { host }];

describe('The log of heartbeats', () => {
  it('is silent while they are accepted', () => {
    expect(logged(ACCEPTED, ACCEPTED)).to.deep.equal([]);
  });

  it('has the first, second, fourth … failure in a row, and its end', () => {
    const beats = [...Array<Beat>(7).fill(FAILED), ACCEPTED, ACCEPTED, FAILED];
    expect(logged(...beats)).to.deep.equal([
      failedLine(1),
      failedLine(2),
      failedLine(4),
      AGAIN_LINE,
      failedLine(1),
    ]);
  });

  it('says once, and why, that they are withheld, and when that ends', () => {
    expect(logged(WITHHELD, WITHHELD, ACCEPTED, WITHHELD)).to.deep.equal([
      WITHHELD_LINE,
      AGAIN_LINE,
      WITHHELD_LINE,
    ]);
  });
});
