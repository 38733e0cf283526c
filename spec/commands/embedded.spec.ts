import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';
import { runCommand } from '../support/command-process.ts';
import { killProcesses, launch } from '../support/main-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('Commands without a DSN', () => {
  let folder: string;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await killProcesses();
    await rm(folder, { recursive: true });
  });

  const dataFolder = () => join(folder, 'data');
  const command = (...args: string[]) => runCommand({ args: [...args, '--data-folder', dataFolder()] });
  const server = () => readPostmaster(clusterIn(dataFolder()));

  it('say that no server is running and what to do, and exit with 1', async () => {
    for (const args of [['targets', 'list'], ['status'], ['tail'], ['targets', 'export']]) {
      const { code, stdout, stderr } = await command(...args);
      expect({ code, stdout }, args.join(' ')).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(
        /no bundled server is running on .*data: start the service \(npm start\), or set --dsn/,
      );
    }
    const { code, stdout } = await command('doctor');
    expect(code).to.equal(1);
    expect(stdout).to.match(/^✗ fail {2}database +no --dsn given, and no bundled server is running/m);
  });

  it('start the server to add targets', async () => {
    const { code, stdout, stderr } = await command('targets', 'add', 'http://127.0.0.1:1', '--every=1d');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'added    http://127.0.0.1:1/\n' });
    expect(stderr).to.match(/^no --dsn given: starting the bundled PostgreSQL in .*data for this command\n/);
    expect(await server()).to.equal(undefined);
  });

  it('use the server of a running service, and leave it running', async () => {
    const service = launch({
      args: ['--data-folder', dataFolder(), '--logging-type=prod', '--http-port=off'],
    });
    await service.logged(/^website-monitor is running$/);
    expect((await command('targets', 'list')).stdout).to.match(/ http:\/\/127\.0\.0\.1:1\/.*\n$/);
    expect((await command('targets', 'add', 'http://127.0.0.1:2')).stdout).to.match(/^added/);
    expect((await command('status')).stdout).to.match(/^now {8}0 up, /);
    expect(await server()).to.not.equal(undefined);
    service.signal('SIGTERM');
    expect(await service.ended).to.deep.equal({ code: 0, signal: null });
  });
});
