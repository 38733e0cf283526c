import { expect } from 'chai';
import sinon from 'sinon';
import { guardHooks } from '../../../lib/checking/guards/guard-hooks.ts';
import { aCheck } from '../../support/a-check.ts';

const { lease } = aCheck();

describe('Hooks of an embedder', () => {
  it('that throw or reject are named once, and called again', async () => {
    const onTrouble = sinon.spy();
    const started = sinon.fake.throws(new Error('boom'));
    const confirming = sinon.fake.rejects(new Error('later'));
    const hooks = guardHooks({ started, confirming }, onTrouble);
    for (const _ of [1, 2]) {
      hooks.started(lease);
      hooks.confirming(lease);
    }
    await Promise.allSettled(confirming.returnValues);
    expect(started.callCount).to.equal(2);
    expect(onTrouble.args.map(([name, error]) => `${name}: ${error.message}`)).to.deep.equal([
      'started: boom',
      'confirming: later',
    ]);
  });

  it('may be methods of an object, and may be undefined', () => {
    class Counter {
      count = 0;
      started(): void {
        this.count += 1;
      }
    }
    const counter = new Counter();
    guardHooks(counter, expect.fail).started(lease);
    guardHooks({ started: undefined }, expect.fail).started(lease);
    expect(counter.count).to.equal(1);
  });
});
