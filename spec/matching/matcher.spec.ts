import { execFile } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMatcher, type Matcher, type MatcherSettings } from '../../lib/matching/matcher.ts';

const SLOW_PATTERN = '[ab]*a[ab]{200}[cd]';
const SLOW_BODY = Array.from({ length: 1_000_000 }, (_, index) =>
  Math.sin(index * index) > 0 ? 'a' : 'b',
).join('');
const OTHER_SLOW_PATTERN = '[ab]*b[ab]{200}[cd]';
const FOUND = { kind: 'found' };
const ABSENT = { kind: 'absent' };
const OVERRUN = { kind: 'overrun' };

const NOT_RUN = { kind: 'not-run' };
const NO_CPU = { user: 0, system: 0 };
/** Long enough that nothing is stopped */
const LONG_MS = 20_000;

/** A hundred times what a quick search takes, so that none overruns it on a busy machine */
const QUICK_MS = 200;

/** Overruns the quick lane; the slow lane finds it. */
const makeKnownAsSlow = async (match: Matcher['match'], pattern: string): Promise<void> => {
  await match('a.', 'ab'); // a thread that has to start first would not begin in time
  await match(pattern, SLOW_BODY.slice(0, 60_000));
};

describe('createMatcher', () => {
  let matchers: Matcher[] = [];

  const open = (settings: Partial<MatcherSettings> = {}): Matcher => {
    const matcher = createMatcher(settings);
    matchers.push(matcher);
    return matcher;
  };

  afterEach(async () => {
    await Promise.all(matchers.map(matcher => matcher.close()));
    matchers = [];
  });

  it('answers for literals and for patterns', async () => {
    const { match } = open();
    expect(await match('lo wo', 'hello world')).to.deep.equal(FOUND);
    expect(await match('Lo wo', 'hello world')).to.deep.equal(ABSENT);
    expect(await match('v1\\.2', 'v1x2')).to.deep.equal(ABSENT);
    expect(await match('(?P<greeting>h.llo)', 'hello world')).to.deep.equal(FOUND);
    expect(await match('(?i)WORLD$', 'hello world!')).to.deep.equal(ABSENT);
  });

  it('hands a body with NUL and lone surrogates to its thread unchanged', async () => {
    const { match } = open();
    expect(await match('^a.b.c$', 'a\0b\ud83dc')).to.deep.equal(FOUND);
    expect(await match('b', 'a\0b\ud83dc')).to.deep.equal(FOUND);
  });

  it('reports an invalid pattern, and continues', async () => {
    const { match } = open();
    const [invalid, valid] = await Promise.all([match('(a)\\1', 'aa'), match('a+', 'aa')]);
    expect(invalid).to.deep.include({ kind: 'invalid' }).and.to.have.property('detail').that.matches(/`\\1`/);
    expect(valid).to.deep.equal(FOUND);
  });

  it('rejects a pattern of more than 1,000 characters, literal or not', async () => {
    const { match } = open();
    for (const pattern of ['a'.repeat(1000), '😀'.repeat(1000)])
      expect(await match(pattern, 'a')).to.deep.equal(ABSENT);
    for (const pattern of ['a'.repeat(1001), '.'.repeat(1001)])
      expect(await match(pattern, ''))
        .to.have.property('detail')
        .that.equals('the pattern is longer than 1000 characters');
  });

  it('stops a search that overruns, while the event loop stays free', async () => {
    const { match } = open({ quickMsMax: 50, runMsMax: 100 });
    await match('a.', 'ab'); // the thread is up
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    const startedAtMs = performance.now();
    expect(await match(SLOW_PATTERN, SLOW_BODY)).to.deep.equal(OVERRUN);
    clearInterval(turning);
    expect(performance.now() - startedAtMs).to.be.within(100, 2000);
    expect(turns).to.be.above(10);
    expect(await match('a.', 'ab')).to.deep.equal(FOUND);
  });

  it('keeps the event loop free while it searches a long body for a long literal, and finds it', async () => {
    const { match } = open({ runMsMax: LONG_MS, quickMsMax: LONG_MS, patienceMs: LONG_MS });
    await match('a.', 'ab'); // the thread is up
    const literal = `ab${'a'.repeat(998)}`;
    const nearMisses = 'a'.repeat(1_048_576);
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    const matches = await Promise.all([nearMisses, nearMisses + literal].map(body => match(literal, body)));
    clearInterval(turning);
    expect(matches).to.deep.equal([ABSENT, FOUND]);
    expect(turns).to.be.above(0);
  });

  it('finishes a slow search that stays within its limit', async () => {
    const { match } = open({ quickMsMax: 5, runMsMax: LONG_MS, patienceMs: LONG_MS });
    const body = `${SLOW_BODY.slice(0, 20_000)}a${'b'.repeat(200)}c`;
    expect(await match(SLOW_PATTERN, body)).to.deep.equal(FOUND);
  });

  it('answers quick searches while one that is known to be slow runs', async () => {
    const { match } = open({ quickMsMax: QUICK_MS, runMsMax: LONG_MS, patienceMs: LONG_MS });
    await makeKnownAsSlow(match, SLOW_PATTERN);
    const slow = match(SLOW_PATTERN, SLOW_BODY);
    for (let count = 0; count < 20; count++) expect(await match('b.*a', 'ba')).to.deep.equal(FOUND);
    expect(await Promise.race([slow, 'still running'])).to.equal('still running');
  });

  it('lets a slow pattern back into the quick lane once it has been quick', async () => {
    const { match } = open({ quickMsMax: QUICK_MS, runMsMax: LONG_MS, patienceMs: LONG_MS });
    await makeKnownAsSlow(match, SLOW_PATTERN);
    await makeKnownAsSlow(match, OTHER_SLOW_PATTERN);
    for (let count = 0; count < 2; count++) await match(SLOW_PATTERN, 'ab');
    const slow = match(OTHER_SLOW_PATTERN, SLOW_BODY);
    expect(await match(SLOW_PATTERN, 'ab')).to.deep.equal(ABSENT);
    expect(await Promise.race([slow, 'still running'])).to.equal('still running');
  });

  it('answers a quick search behind a flood of slow ones that are not known yet', async () => {
    const { match } = open({ quickMsMax: 40, runMsMax: 80, patienceMs: LONG_MS });
    const slow = Array.from({ length: 10 }, (_, count) => match(`[ab]*a[ab]{${200 + count}}[cd]`, SLOW_BODY));
    expect(await match('a.*b', 'ab')).to.deep.equal(FOUND);
    expect(await Promise.all(slow)).to.deep.equal(slow.map(() => OVERRUN));
  });

  it('rejects searches once both lanes are full, and does not blame them', async () => {
    const { match } = open({ jobsMax: 3, patienceMs: LONG_MS });
    const matches = await Promise.all(Array.from({ length: 10 }, () => match('a.', 'ab')));
    expect(matches).to.deep.equal([...Array(6).fill(FOUND), ...Array(4).fill(NOT_RUN)]);
  });

  it('does not blame a search that waited too long for its turn', async () => {
    const { match } = open({ quickMsMax: LONG_MS, runMsMax: LONG_MS, patienceMs: 300 });
    await match('a.', 'ab');
    const [slow, patient] = await Promise.all([match(SLOW_PATTERN, SLOW_BODY), match('a.', 'ab')]);
    expect([slow, patient]).to.deep.equal([NOT_RUN, NOT_RUN]);
  });

  it('does not blame a search that got no processor', async () => {
    const { match } = open({ quickMsMax: 100, runMsMax: 100, patienceMs: 300 });
    await match('a.', 'ab');
    const use = sinon.stub(Worker.prototype, 'cpuUsage').resolves(NO_CPU);
    const starved = await match(SLOW_PATTERN, SLOW_BODY);
    use.restore();
    expect(starved).to.deep.equal(NOT_RUN);
  });

  it('gives a search its time on a processor, however long it waits for one, if the slack lasts', async () => {
    const { match } = open({ quickMsMax: 20, runMsMax: 20, patienceMs: 100 });
    await match('a.', 'ab');
    const use = sinon.stub(Worker.prototype, 'cpuUsage').callThrough();
    for (let call = 0; call < 10; call += 1) use.onCall(call).resolves(NO_CPU);
    const matched = await match(SLOW_PATTERN, SLOW_BODY, LONG_MS);
    use.restore();
    expect(matched).to.deep.equal(OVERRUN);
  });

  it('gives waiting searches the time back for which the event loop was held up', async () => {
    const { match } = open({ patienceMs: 200 });
    await match('a.', 'ab');
    const matches = ['a.', 'b.'].map(pattern => match(pattern, 'ab', LONG_MS));
    const stalledUntilMs = performance.now() + 400;
    while (performance.now() < stalledUntilMs);
    expect(await Promise.all(matches)).to.deep.equal([FOUND, ABSENT]);
  });

  it('accepts an answer that came in time, though the event loop was stalled past the limit', async () => {
    const { match } = open({ quickMsMax: 100, runMsMax: 100 });
    await match('a.', 'ab');
    const answer = match('a.', 'ab');
    await setImmediate();
    const stalledUntilMs = performance.now() + 300;
    while (performance.now() < stalledUntilMs);
    expect(await answer).to.deep.equal(FOUND);
  });

  it('calls a pattern that needs too much memory invalid, and continues', async () => {
    const { match } = open({ heapMiB: 32, runMsMax: LONG_MS, patienceMs: LONG_MS });
    const [huge, ordinary] = await Promise.all([
      match(`(?:${'a?'.repeat(450)}){1000}`, 'a'),
      match('a.', 'ab'),
    ]);
    expect(huge).to.have.property('detail').that.equals('the pattern needs too much memory');
    expect(ordinary).to.deep.equal(FOUND);
  });

  it('on close ends searches that run, wait or come later', async () => {
    const { match, close } = open();
    const running = [match(SLOW_PATTERN, SLOW_BODY), match('a.', 'ab')];
    await close();
    expect(await Promise.all([...running, match('a.', 'ab')])).to.deep.equal(Array(3).fill(NOT_RUN));
  });

  it('does not keep the process alive by its idle threads', async () => {
    const program = `
      import { createMatcher } from ${JSON.stringify(new URL('../../lib/matching/matcher.ts', import.meta.url))};
      console.log(await createMatcher().match('a.', 'ab'));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect(stdout).to.equal("{ kind: 'found' }\n");
  });
});
