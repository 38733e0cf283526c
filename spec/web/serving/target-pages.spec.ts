import { expect } from 'chai';
import type { TargetState } from '../../../lib/domain/target/target-state.ts';
import { type TargetPageSettings, targetPages } from '../../../lib/web/serving/target-pages.ts';

const PHASES = {
  dnsUs: 1_000,
  connectUs: 2_000,
  tlsUs: null,
  ttfbUs: 30_000,
  transferUs: 500,
  totalUs: 40_000,
};

const aState = (overrides: Partial<TargetState> = {}): TargetState => ({
  id: '7',
  url: 'https://example.org/',
  last: { outcome: 'up', startedS: 1_800_000_000.25, httpStatus: 200, phases: PHASES },
  downSinceS: null,
  certificateExpiresS: null,
  ...overrides,
});

const pagesOf = (states: readonly TargetState[], settings: Partial<TargetPageSettings> = {}) =>
  targetPages({
    read: async (_selection, targetsMax) => states.slice(0, targetsMax),
    describeError: error => String(error),
    targetsMax: 3,
    ...settings,
  });

const query = (text = '') => new URLSearchParams(text);

/** Returns the lines about a target, without their common prefix and labels. */
const toldOf = async (state: TargetState): Promise<string[]> => {
  const { body } = await pagesOf([state])(query());
  return body
    .split('\n')
    .filter(line => line.startsWith('website_monitor_'))
    .map(line => line.replace('website_monitor_target_', '').replace(/target_id="7",url="[^"]*",?/, ''));
};

describe('The page of targets', () => {
  it('has the state of each target in the format of Prometheus', async () => {
    const { status, body, type } = await pagesOf([aState(), aState({ id: '8' })])(query());
    expect(status).to.equal(200);
    expect(type).to.match(/^text\/plain; version=0\.0\.4/);
    expect(body).to.include('# TYPE website_monitor_target_up gauge\n');
    for (const id of ['7', '8'])
      expect(body).to.include(
        `\nwebsite_monitor_target_up{target_id="${id}",url="https://example.org/"} 1\n`,
      );
  });

  it('has duration, phases, status and time of the last check, without phases that did not happen', async () => {
    expect(await toldOf(aState())).to.deep.equal([
      'known{} 1',
      'up{} 1',
      'last_check_timestamp_seconds{} 1800000000.25',
      'check_duration_seconds{} 0.04',
      'phase_duration_seconds{phase="dns"} 0.001',
      'phase_duration_seconds{phase="connect"} 0.002',
      'phase_duration_seconds{phase="ttfb"} 0.03',
      'phase_duration_seconds{phase="transfer"} 0.0005',
      'http_status{} 200',
    ]);
  });

  it('has when a target went down, and when its certificate expires', async () => {
    const last = { ...aState().last, outcome: 'down' } as TargetState['last'];
    const told = await toldOf(
      aState({ last, downSinceS: 1_800_000_000, certificateExpiresS: 1_900_000_000 }),
    );
    expect(told).to.include.members([
      'up{} 0',
      'known{} 1',
      'down_since_timestamp_seconds{} 1800000000',
      'certificate_expiry_timestamp_seconds{} 1900000000',
    ]);
  });

  it('shows an unknown target neither as up nor as down, but keeps when it went down', async () => {
    const last = { ...aState().last, outcome: 'unknown' } as TargetState['last'];
    const told = await toldOf(aState({ last, downSinceS: 1_800_000_000 }));
    expect(told).to.include.members(['known{} 0', 'down_since_timestamp_seconds{} 1800000000']);
    expect(told.filter(line => line.startsWith('up'))).to.deep.equal([]);
  });

  it('shows nothing about a missing check', async () => {
    expect(await toldOf(aState({ last: null }))).to.deep.equal(['known{} 0']);
  });

  it('shows URLs without secrets, escaped as one label', async () => {
    const url = 'https://me:s3cret@example.org/"\\\n?token=s3cret#s3cret';
    const { body } = await pagesOf([aState({ url })])(query());
    expect(body).to.not.include('s3cret');
    expect(body).to.include('website_monitor_target_up{target_id="7",url="https://example.org/');
    expect(body.split('\n').filter(line => /^website_monitor_target_up/.test(line))).to.have.length(1);
  });

  it('is refused, not cut, if more targets are selected than allowed', async () => {
    const states = ['1', '2', '3', '4'].map(id => aState({ id }));
    expect((await pagesOf(states.slice(1))(query())).status).to.equal(200);
    expect(await pagesOf(states)(query())).to.deep.equal({
      status: 400,
      body: 'more than 3 targets selected; select fewer, as in ?id=1-3 or ?only=down, or raise --max-scraped-targets\n',
    });
  });

  it('never reads more than one target beyond the limit', async () => {
    const asked: number[] = [];
    const read = async (_selection: unknown, targetsMax: number) => {
      asked.push(targetsMax);
      return [];
    };
    await pagesOf([], { read })(query());
    expect(asked).to.deep.equal([4]);
  });

  it('is refused with the rule that the query breaks', async () => {
    expect(await pagesOf([])(query('id=x'))).to.deep.equal({
      status: 400,
      body: 'id must be like 7 or 100-199\n',
    });
  });

  it('is 503, with a reason without secrets, if the database does not answer, and the server keeps running', async () => {
    const troubles = [new Error('cannot reach postgres://me:s3cret@host/db\nnow')];
    const read = async () => {
      const trouble = troubles.pop();
      if (trouble) throw trouble;
      return [aState()];
    };
    const pages = pagesOf([], { read, describeError: error => (error as Error).message });
    expect(await pages(query())).to.deep.equal({
      status: 503,
      body: 'cannot read the targets: cannot reach postgres://host/db now\n',
    });
    for (const _again of [1, 2, 3]) expect((await pages(query())).status).to.equal(200);
  });

  it('is read by two scrapes at a time, so that they cannot take all connections', async () => {
    const answer = Promise.withResolvers<TargetState[]>();
    const pages = pagesOf([], { read: () => answer.promise });
    const two = [pages(query()), pages(query())];
    expect((await pages(query())).status).to.equal(503);
    answer.resolve([]);
    for (const page of await Promise.all(two)) expect(page.status).to.equal(200);
    expect((await pages(query())).status).to.equal(200);
  });
});
