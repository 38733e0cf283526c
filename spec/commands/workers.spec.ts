import { expect } from 'chai';
import { runCommand } from '../support/command-process.ts';
import { type MigratedDatabase, migratedDatabase } from '../support/migrated-database.ts';

describe('website-monitor workers', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  after(() => own.drop());

  const run = (...args: string[]) =>
    runCommand({ args: ['workers', ...args], environment: { WEBSITE_MONITOR_DSN: own.dsn } });

  it('says how to start one where there is none', async () => {
    expect(await run()).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'no workers: start one with website-monitor\n',
    });
  });

  it('lists those that are seen first, and marks those that are not', async () => {
    await own.psql.query(
      `INSERT INTO workers VALUES
         (gen_random_uuid(), E'a\\x1b[31m', '1.0.0', now() - interval '3 d', now() - interval '2 h', 0, 0, 256, 0, 4096, 0, 0),
         (gen_random_uuid(), 'b', '1.2.0', now() - interval '90 min', now() - interval '9.8 s', 1234, 17, 256, 3, 4096, 12345, 6)`,
    );
    const { stdout } = await run();
    const [head, ...lines] = stdout.split('\n').map(line => line.trim().split(/ {2,}/));
    expect(head?.slice(0, 4)).to.deep.equal(['name', 'version', 'up for', 'seen']);
    expect(lines[0]).to.deep.equal([
      'b',
      '1.2.0',
      '1 h 30 min',
      '10 s ago',
      '1,234 ms',
      '17 of 256',
      '3 of 4,096',
      '12,345',
      '6',
    ]);
    expect(lines[1]?.slice(1, 4)).to.deep.equal(['1.0.0', '3 d 0 h', '2 h 0 min ago (gone?)']);
    expect(stdout).to.not.include('\x1b');
    const [first, second] = (await run('--json')).stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(first).to.deep.include({ name: 'b', isStale: false, targetsKnown: 12345, targetsDown: 6 });
    expect(second).to.deep.include({ isStale: true });
  });
});
