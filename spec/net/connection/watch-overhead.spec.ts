import type { Socket } from 'node:net';
import { expect } from 'chai';
import sinon from 'sinon';
import { createReadingBudget } from '../../../lib/net/connection/reading-budget.ts';
import { watchOverhead } from '../../../lib/net/connection/watch-overhead.ts';
import { failed, fetcherWith } from '../../support/fetching.ts';
import { sayForEver } from '../../support/hostile/misbehaviour.ts';
import { startRawServer } from '../../support/scripted-website.ts';

const KIB = 1024;

describe('watchOverhead', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => clock.restore());

  const watched = (readBytes: number, bodyBytes: number) => {
    const onOverhead = sinon.fake();
    const wire = { bytesRead: 1_000 }; // of what came before on that connection
    const stop = watchOverhead(wire as Socket, () => bodyBytes, createReadingBudget(), onOverhead);
    wire.bytesRead += readBytes;
    clock.tick(1_000);
    stop();
    return onOverhead.callCount;
  };

  const CASES = [
    [256 * KIB, 0, 0],
    [256 * KIB + 1, 0, 1],
    [1_256 * KIB, 500 * KIB, 0],
    [1_257 * KIB, 500 * KIB, 1],
  ] as const;
  for (const [readBytes, bodyBytes, calls] of CASES) {
    const what = `${readBytes} bytes with a body of ${bodyBytes}`;
    it(`${calls === 0 ? 'takes' : 'reports, once,'} ${what}`, () =>
      expect(watched(readBytes, bodyBytes)).to.equal(calls));
  }

  it('stops when its watch ends', () => {
    const wire = { bytesRead: 0 };
    const onOverhead = sinon.fake();
    watchOverhead(wire as Socket, () => 0, createReadingBudget(), onOverhead)();
    wire.bytesRead = 2 ** 30;
    clock.tick(1_000);
    sinon.assert.notCalled(onOverhead);
  });
});

describe('A flood before the response', () => {
  it('is not read on until the deadline', async () => {
    let writtenBytes = 0;
    const server = await startRawServer(socket => {
      sayForEver('', '\r\n'.repeat(8_192))(socket, { url: new URL('http://flood.test/'), head: '' });
      socket.once('close', () => {
        writtenBytes = socket.bytesWritten;
      });
    });
    const failure = failed(await fetcherWith()(`http://127.0.0.1:${server.port}/`, {}, 1_000));
    await server.allClosed();
    await server.close();
    expect(failure.cause).to.equal('response_timeout');
    expect(writtenBytes).to.be.within(256 * KIB, 32 * KIB * KIB);
  });
});
