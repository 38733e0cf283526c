import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import sinon from 'sinon';
import { readBeginning } from '../../../lib/channels/http/read-beginning.ts';

describe('The beginning of a body', () => {
  it('is all of a short one', async () => {
    expect(await readBeginning(Readable.from([Buffer.from('no such '), Buffer.from('channel')]))).to.equal(
      'no such channel',
    );
  });

  it('is 64 KiB of an endless one', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(10_000, 'x'));
      },
    });
    expect(await readBeginning(endless)).to.have.length(64 * 1024);
    endless.destroy();
  });

  it('is what has come of one that stops coming', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const body = new PassThrough();
      const beginning = readBeginning(body);
      body.write('so far');
      await new Promise(setImmediate);
      clock.tick(1_000);
      expect(await beginning).to.equal('so far');
    } finally {
      clock.restore();
    }
  });

  it('is what has come of one that breaks off', async () => {
    const body = new PassThrough();
    const beginning = readBeginning(body);
    body.on('error', () => {});
    body.write('so far');
    await new Promise(setImmediate);
    body.destroy(new Error('reset'));
    expect(await beginning).to.equal('so far');
  });
});
