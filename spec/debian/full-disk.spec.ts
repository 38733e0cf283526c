import { execFile } from 'node:child_process';
import { chown, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { describeWith, lacking } from '../support/debian.ts';
import { startWorker } from '../support/main-process.ts';
import { type OwnServer, startOwnServer } from '../support/own-server.ts';
import { psqlLike } from '../support/postgres.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TARGETS = 100;
const system = promisify(execFile);

describeWith('mount', 'A disk that is full', () => {
  let folder: string;
  let server: OwnServer;
  let stage: Stage;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await system('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder]).catch(error =>
      lacking('mount', error),
    );
    server = await startOwnServer();
    const tablespace = join(folder, 'tablespace');
    await mkdir(tablespace);
    if ('uid' in server.account) await chown(tablespace, server.account.uid, server.account.gid);
    const psql = await psqlLike(server.dsn);
    await psql.query(`CREATE TABLESPACE small LOCATION '${tablespace}'`);
    await psql.query('CREATE DATABASE small TABLESPACE small');
    await psql.end();
    const dsn = new URL(server.dsn);
    dsn.pathname = 'small';
    stage = await openStage({}, { dsn: dsn.href, drop: async () => {} });
  });
  afterEach(async () => {
    await stage?.close();
    await server?.close();
    await system('umount', [folder]);
    await rm(folder, { recursive: true });
  });

  const fill = async (file: string): Promise<void> => {
    const ballast = await open(file, 'w');
    try {
      for (;;) await ballast.write(Buffer.alloc(8_192, 1));
    } catch (error) {
      expect(error).to.include({ code: 'ENOSPC' });
    } finally {
      await ballast.close();
    }
  };

  it('stops work, shows in readyz, makes no website down, and ends as soon as there is space', async () => {
    const { ledger, website } = stage;
    const worker = await startWorker(ledger.dsn, ['--http-port=0']);
    await ledger.addTargets(website.origin, TARGETS, '1 s');
    await ledger.until('SELECT count(*) >= $1 FROM check_results', [TARGETS]);
    await fill(join(folder, 'ballast'));
    const { reason } = await worker.logged(/^(leasing|recording) failed/, 3);
    expect(reason).to.match(/No space left on device.*\(53100\)/);
    expect(await worker.get('/readyz')).to.match(/^503 .*53100/);
    expect(await worker.get('/livez')).to.match(/^200 /);

    await rm(join(folder, 'ballast'));
    const [freed] = await ledger.rows<{ at: string }>('SELECT clock_timestamp()::text AS at');
    await ledger.until('SELECT count(*) >= $1 FROM check_results WHERE scheduled_at > $2', [
      2 * TARGETS,
      freed?.at,
    ]);
    expect(await worker.get('/readyz')).to.match(/^200 /);
    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(await ledger.rows('SELECT * FROM failure_log')).to.deep.equal([]);
    expect(await ledger.imbalance()).to.deep.equal([]);
    expect(await ledger.checksByUrl()).to.deep.equal(stage.requestsByUrl());
  });
});
