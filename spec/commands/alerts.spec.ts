import { userInfo } from 'node:os';
import { expect } from 'chai';
import {
  alertFacts,
  emptyAlerting,
  type HandDrivenAlerting,
  handDrivenAlerting,
  REFUSED,
} from '../support/alerting.ts';
import { runCommand } from '../support/command-process.ts';
import { emptyTables, type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';

describe('website-monitor alerts', () => {
  let own: MigratedDatabase;
  let alerting: HandDrivenAlerting;
  let facts: ReturnType<typeof alertFacts>;
  before(async () => {
    own = await migratedDatabase();
    alerting = handDrivenAlerting(own.database);
    facts = alertFacts(own);
  });
  beforeEach(async () => {
    await emptyTables(own.psql);
    await emptyAlerting(own);
  });
  after(() => own.drop());

  const run = (...args: string[]) =>
    runCommand({ args: ['alerts', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn } });

  /** One that is open and delivered, and one that is over */
  const alertTwo = async (): Promise<void> => {
    await facts.addChannel('ops');
    const shop = await facts.addTarget({
      url: 'https://shop.example/',
      key: 'shop',
      labels: { team: 'web' },
    });
    const blog = await facts.addTarget({ url: 'https://blog.example/', name: 'Blog' });
    await facts.goDown(blog, '10 min');
    await alerting.deliver();
    await facts.comeUp(blog, '5 min');
    await alerting.deliver();
    await facts.goDown(shop);
    await alerting.deliver();
  };

  it('list shows those that are not over; --all shows all; --label those of some targets', async () => {
    await alertTwo();
    const open = await run('list');
    const rows = open.stdout.split('\n').map(line => line.trim().split(/ {2,}/));
    expect(rows[0]).to.deep.equal([
      'id',
      'state',
      'since',
      'for',
      'kind',
      'cause',
      'acknowledged by',
      'about',
    ]);
    expect(rows[1]?.with(2, '…').with(3, '…')).to.deep.equal([
      '2',
      'open',
      '…',
      '…',
      'down',
      'http_status',
      '-',
      'https://shop.example/ [shop]',
    ]);
    expect(rows).to.have.length(3);
    const all = (await run('list', '--all', '--json')).stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(all.map(({ id, state, ending }) => [id, state, ending])).to.deep.equal([
      ['2', 'open', null],
      ['1', 'closed', 'recovered'],
    ]);
    const none = await run('list', '--label=team=ops');
    expect(none).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'no open alerts; --all shows those that are over, too\n',
    });
  });

  it('show tells what happened, and what became of each message', async () => {
    await alertTwo();
    const { code, stdout } = await run('show', '1');
    expect(code).to.equal(0);
    const whats = [...stdout.matchAll(/^ {2}\d{4}-\S+ \S+Z {2}(.*)$/gm)].map(([, what]) => what);
    expect(stdout).to.match(
      /^1 {2}down {2}Blog\nclosed; lasted 5 min\nhttp_status: the final status is 503\n/,
    );
    expect(whats).to.have.members([
      'down: http_status: the final status is 503',
      'no longer down',
      'opened',
      '"opened" accepted by ops',
      '"resolved" accepted by ops',
      'closed: recovered',
    ]);
    expect(whats[0]).to.match(/^down/);
    expect(await run('show', '7')).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: 'website-monitor: alert 7: not found; alerts list --all shows them\n',
    });
  });

  it('show names what holds an alert back, and why a message was given up', async () => {
    await facts.addChannel('ops');
    const target = await facts.addTarget();
    await own.psql.query("INSERT INTO silences (name, everything) VALUES ('quiet', true)");
    await facts.goDown(target);
    await alerting.deliver();
    expect((await run('show', '1')).stdout).to.include('\nheld by a silence; has lasted ');
    const loud = await facts.addTarget({ url: 'http://localhost:2/' });
    await own.psql.query('TRUNCATE silences');
    await facts.goDown(loud);
    await alerting.deliver(() => REFUSED);
    expect((await run('show', '2')).stdout).to.include(
      '"opened" to ops given up after 1 attempt: status 400\n',
    );
  });

  it('acknowledge names the user of this machine unless it is told another', async () => {
    await alertTwo();
    await run('acknowledge', '2');
    expect((await run('list')).stdout).to.include(`  ${userInfo().username}  `);
  });

  it('acknowledge names who did, keeps what was acknowledged, and says what cannot be', async () => {
    await alertTwo();
    expect(await run('acknowledge', '2', '--by', 'Alex')).to.deep.equal({
      code: 0,
      stdout: 'acknowledged  2  down  https://shop.example/\n',
      stderr: '',
    });
    expect((await run('show', '2')).stdout)
      .to.include('open, acknowledged by Alex; has lasted ')
      .and.match(/Z {2}acknowledged by Alex\n/);
    const again = await run('acknowledge', '2', '1', '9');
    expect(again).to.deep.equal({
      code: 1,
      stdout:
        'over          1  down  Blog\nkept          2  down  https://shop.example/  acknowledged by Alex\n',
      stderr: 'website-monitor: alert 9: not found\n',
    });
    const json = JSON.parse((await run('acknowledge', '2', '--json')).stdout);
    expect(json).to.include({ change: 'kept', id: '2', acknowledgedBy: 'Alex' });
    expect((await run('acknowledge', 'shop')).stderr).to.equal(
      'website-monitor: alert 1: must be the number of an alert; alerts list shows them\n',
    );
  });
});
