import { expect } from 'chai';
import type { Found } from '../../../lib/net/names/name-cache.ts';
import { createNameCache } from '../../../lib/net/names/name-cache.ts';

const found = (address: string, validMs: number): Found => ({
  resolution: { kind: 'resolved', addresses: [{ address, family: 4 }] },
  validMs,
});

describe('createNameCache', () => {
  let nowMs = 0;
  let lookups: string[] = [];
  const cacheOf = (validMs: number) => {
    nowMs = 0;
    lookups = [];
    return createNameCache(
      async name => {
        lookups.push(name);
        return found('10.0.0.1', validMs);
      },
      () => nowMs,
    );
  };

  it('shares one lookup among concurrent callers', async () => {
    const resolve = cacheOf(0);
    const [one, other] = await Promise.all([resolve('a'), resolve('a')]);
    expect(one).to.equal(other);
    expect(lookups).to.deep.equal(['a']);
  });

  it('repeats an answer as long as it is valid, and no longer', async () => {
    const resolve = cacheOf(1000);
    await resolve('a');
    nowMs = 999;
    await resolve('a');
    expect(lookups).to.deep.equal(['a']);
    nowMs = 1000;
    await resolve('a');
    expect(lookups).to.deep.equal(['a', 'a']);
  });

  it('caches nothing with a validity of zero', async () => {
    const resolve = cacheOf(0);
    await resolve('a');
    await resolve('a');
    expect(lookups).to.deep.equal(['a', 'a']);
  });

  it('evicts the oldest of more than ten thousand names', async () => {
    const resolve = cacheOf(1000);
    for (let name = 0; name <= 10_000; name++) await resolve(String(name));
    await resolve('1');
    expect(lookups).to.have.lengthOf(10_001);
    await resolve('0');
    expect(lookups).to.have.lengthOf(10_002);
  });

  it('looks up again after a lookup that threw', async () => {
    let attempts = 0;
    const resolve = createNameCache(async () => {
      if (++attempts === 1) throw new Error('broken');
      return found('10.0.0.1', 0);
    });
    const failure = await resolve('a').catch(error => error.message);
    expect(failure).to.equal('broken');
    expect(await resolve('a')).to.have.property('kind', 'resolved');
  });
});
