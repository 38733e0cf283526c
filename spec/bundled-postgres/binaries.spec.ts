import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { platformPackageFolder, usableBinaries } from '../../lib/bundled-postgres/binaries.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { serverAccount } from '../../lib/bundled-postgres/server-account.ts';
import { failureOf } from '../support/failure-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const execute = promisify(execFile);

const isRoot = process.getuid?.() === 0;

describe('the bundled server’s programs', () => {
  let temporary: string;
  let dataFolder: string;
  let packageFolder: string;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    dataFolder = join(temporary, 'data-folder');
    packageFolder = join(temporary, 'package');
    await mkdir(dataFolder);
    await execute('cp', ['-a', platformPackageFolder(), packageFolder]);
    await execute('chmod', ['-R', 'a+rX', packageFolder]); // whatever umask npm ran under
  });

  afterEach(() => rm(temporary, { recursive: true }));

  const isInPackage = async (): Promise<boolean> => {
    const account = await serverAccount(clusterIn(dataFolder).folder);
    const { postgres } = await usableBinaries(dataFolder, account, packageFolder);
    return postgres.startsWith(packageFolder);
  };

  it('run where npm put them', async () => {
    expect(await isInPackage()).to.equal(true);
    expect(await readdir(dataFolder)).to.deep.equal([]);
  });

  it(`run from ${isRoot ? 'a copy' : 'there'} if the checkout is closed to others`, async () => {
    await chmod(packageFolder, 0o700);
    expect(await isInPackage()).to.equal(!isRoot);
  });

  it('run from a copy, made once, if their library links are missing', async () => {
    const links = JSON.parse(await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8'));
    expect(links).not.to.have.length(0);
    for (const { target } of links) await rm(join(packageFolder, target));
    expect(await isInPackage()).to.equal(false);
    const [copy = ''] = await readdir(dataFolder);
    const { ctimeMs } = await stat(join(dataFolder, copy));
    expect(await isInPackage()).to.equal(false);
    expect(await readdir(dataFolder)).to.deep.equal([copy]);
    expect((await stat(join(dataFolder, copy))).ctimeMs).to.equal(ctimeMs);
  });

  it('are reported if they cannot run', async () => {
    await writeFile(join(packageFolder, 'native/bin/postgres'), 'not a program for this machine');
    const failure = await failureOf(isInPackage());
    expect(failure.message).to.match(/does not run on this machine .*: set the DSN/s);
  });
});
