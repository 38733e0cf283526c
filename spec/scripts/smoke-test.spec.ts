import { expect } from 'chai';
import { launch } from '../support/main-process.ts';
import { scriptPath } from '../support/run-script.ts';
import { respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { launchWorkerHere, startWorkerHere } from '../support/worker-here.ts';

describe('npm run smoke-test', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage({
      '/down': respond({ status: 503 }),
      '/livez': respond({ body: 'alive\n' }),
      '/readyz': respond({ status: 503, body: 'lease: no lease pass yet\n' }),
    });
  });
  afterEach(() => stage.close());

  const smokeTest = async (flags: readonly string[], environment: Record<string, string> = {}) => {
    const { ended, output } = launch({ script: scriptPath('smoke-test.ts'), args: flags, environment });
    return { code: (await ended).code, output: output() };
  };
  const targets = () => stage.ledger.rows('SELECT url FROM monitored_targets');

  it('sees health and metrics, and a target checked and recorded, and takes the target away', async () => {
    const { ledger, website } = stage;
    const worker = launchWorkerHere(ledger.dsn, ['--http-port=0']);
    const { metrics } = await worker.logged(/^website-monitor is running$/);
    const { origin } = new URL(String(metrics));
    const flags = [`--metrics-url=${origin}`, `--url=${website.origin}/`];
    const { code, output } = await smokeTest(flags, { WEBSITE_MONITOR_DSN: ledger.dsn });
    expect(output).to.match(
      /^✓ \/livez says 200 alive\n✓ \/readyz says 200 .+\n✓ \/metrics says 200 # HELP .+\n✓ http:\S+ was checked and recorded: up, 200, \d+ ms\n$/,
    );
    expect(code).to.equal(0);
    expect(await targets()).to.deep.equal([]);
    expect(await ledger.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
  });

  for (const [what, path, said] of [
    ['no worker records it', '/', /✗ no worker has recorded a check of \S+\/ within 1 s: does one run\?\n$/],
    [
      'it is down',
      '/down',
      /✗ \S+\/down was checked and recorded, but not as up: down, http_status, \d+ ms\n$/,
    ],
  ] as const) {
    it(`fails where ${what}, and takes the target away all the same`, async () => {
      const { ledger, website } = stage;
      if (path === '/down') await startWorkerHere(ledger.dsn, ['--confirm=0']);
      const timeout = path === '/down' ? 60 : 1;
      const flags = [`--dsn=${ledger.dsn}`, `--url=${website.origin}${path}`, `--timeout-s=${timeout}`];
      const { code, output } = await smokeTest(flags);
      expect(output).to.match(said);
      expect(code).to.equal(1);
      expect(await targets()).to.deep.equal([]);
    });
  }

  it('fails where a worker is not ready, and says why', async () => {
    const flags = [
      `--dsn=${stage.ledger.dsn}`,
      `--metrics-url=${stage.website.origin}`, // answers as a worker would whose database is gone
      '--timeout-s=1',
    ];
    const { code, output } = await smokeTest(flags);
    expect(output).to.match(
      /^✓ \/livez says 200 alive\n✗ \/readyz of \S+ must answer 200, and said: 503 lease: no lease pass yet\n$/,
    );
    expect(code).to.equal(1);
    expect(await stage.ledger.rows('SELECT FROM monitored_targets')).to.deep.equal([]);
  });

  it('ends with 1 and one line, without the password, where the database refuses it', async () => {
    const dsn = new URL(stage.ledger.dsn);
    dsn.username = 'nobody_of_that_name';
    dsn.password = 's3cret';
    const { code, output } = await smokeTest([`--dsn=${dsn}`]);
    expect(output)
      .to.match(/^✗ .*nobody_of_that_name.*\(28...\)\n$/)
      .and.not.include('s3cret');
    expect(code).to.equal(1);
  });

  it('needs a DSN: it says so and ends with 2', async () => {
    expect(await smokeTest([])).to.deep.equal({
      code: 2,
      output: '--dsn: must be a PostgreSQL URL, as in postgres://user:password@host:5432/database\n',
    });
  });
});
