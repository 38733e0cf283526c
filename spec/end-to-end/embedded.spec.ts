import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';
import { killProcesses, launch, type MainProcess } from '../support/main-process.ts';
import { psqlLike } from '../support/postgres.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from '../support/scripted-website.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('The service without a DSN', () => {
  let folder: string;
  let website: ScriptedWebsite;
  before(async () => {
    folder = await temporaryFolder();
    website = await startScriptedWebsite({ acts: { '*': respond() } });
  });
  after(async () => {
    await killProcesses();
    await website.close();
    await rm(folder, { recursive: true });
  });

  const start = (...words: string[]): MainProcess =>
    launch({
      args: ['--data-folder', join(folder, 'data'), '--logging-type=prod', '--http-port=off', ...words],
    });
  const stop = async (worker: MainProcess): Promise<void> => {
    worker.signal('SIGINT');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await readPostmaster(clusterIn(join(folder, 'data'))), 'its server').to.equal(undefined);
  };

  it('starts a server of its own, names its folder, stops both at Ctrl-C, and finds the data at the next start', async () => {
    const first = start('--every=1s', website.origin);
    const { dataFolder } = await first.logged(/^no --dsn given/);
    expect(dataFolder).to.equal(join(folder, 'data'));
    while (website.requests.length < 2) await website.nextRequest();
    await stop(first);

    const requestsBefore = website.requests.length;
    const second = start();
    while (website.requests.length === requestsBefore) await website.nextRequest();
    const psql = await psqlLike((await readFile(join(folder, 'data/dsn'), 'utf8')).trim());
    const { rows } = await psql.query(
      `SELECT count(*)::integer AS targets, (SELECT count(*)::integer FROM website_monitor.check_results
         WHERE outcome = 'up') AS checks
       FROM website_monitor.monitored_targets`,
    );
    await psql.end();
    expect(rows[0].targets).to.equal(1);
    expect(rows[0].checks).to.be.within(requestsBefore, website.requests.length);
    await stop(second);
  });
});
