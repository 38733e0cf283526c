import { expect } from 'chai';
import { createHealth } from '../../lib/web/health.ts';

describe('Health', () => {
  it('is not ready before the first lease pass', () => {
    expect(createHealth().ready()).to.deep.equal({ isWell: false, reason: 'lease: no lease pass yet' });
  });

  it('is ready once a lease pass succeeded, listening or polling, even with nothing to record', () => {
    const health = createHealth();
    health.worked('lease');
    expect(health.ready()).to.deep.equal({ isWell: true, reason: 'polling; listen: not up yet' });
    health.worked('listen');
    expect(health.ready()).to.deep.equal({ isWell: true, reason: 'listening' });
    health.failed('listen', 'connection lost');
    expect(health.ready()).to.deep.equal({ isWell: true, reason: 'polling; listen: connection lost' });
  });

  it('is not ready while leasing or recording fails, and says why', () => {
    const health = createHealth();
    health.worked('lease');
    health.failed('record', 'disk full');
    expect(health.ready()).to.deep.equal({ isWell: false, reason: 'record: disk full' });
    health.failed('lease', 'too many connections');
    expect(health.ready()).to.deep.equal({
      isWell: false,
      reason: 'lease: too many connections; record: disk full',
    });
  });

  it('is ready again once both succeed', () => {
    const health = createHealth();
    health.failed('lease', 'gone');
    health.failed('record', 'gone');
    health.worked('lease');
    expect(health.ready().isWell).to.be.false;
    health.worked('record');
    expect(health.ready().isWell).to.be.true;
  });

  it('is not ready while stopping, whatever succeeds', () => {
    const health = createHealth();
    health.worked('lease');
    health.stopping();
    expect(health.ready()).to.deep.equal({ isWell: false, reason: 'stopping' });
  });

  it('gives a reason of one line without secrets', () => {
    const health = createHealth();
    health.failed('lease', 'cannot reach postgres://me:s3cret@host/db\nnow');
    expect(health.ready().reason).to.equal('lease: cannot reach postgres://host/db now');
  });
});
