import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type BundledServer, startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';
import { BundledServerError } from '../../lib/bundled-postgres/bundled-server-error.ts';
import { clusterIn } from '../../lib/bundled-postgres/cluster.ts';
import { readPostmaster } from '../../lib/bundled-postgres/postmaster.ts';
import { failureOf } from '../support/failure-of.ts';
import { psqlLike } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const isRoot = process.getuid?.() === 0;

const start = (dataFolder: string): Promise<BundledServer> =>
  startBundledServer({ dataFolder, durable: false });

const scalar = async (dsn: string, query: string): Promise<unknown> => {
  const client = await psqlLike(dsn);
  const { rows } = await client.query({ text: query, rowMode: 'array' }).finally(() => client.end());
  return rows[0]?.[0];
};

/** Starts the server from a process of its own, in a process group of its own as a shell would. */
const holdFromElsewhere = async (dataFolder: string): Promise<{ holder: ChildProcess; dsn: string }> => {
  const script = join(import.meta.dirname, '../support/hold-embedded-server.ts');
  const holder = spawn(process.execPath, [script, dataFolder], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [dsn] = await once(createInterface(holder.stdout), 'line');
  return { holder, dsn };
};

const end = async (holder: ChildProcess, kill: () => unknown): Promise<void> => {
  const ending = once(holder, 'exit');
  kill();
  await ending;
};

describe('the bundled server', () => {
  let temporary: string;
  let dataFolder: string;
  let made: string;

  before(async () => {
    made = await temporaryFolder();
    await (await start(made)).stop();
    await rm(join(clusterIn(made).folder, 'port'));
  });
  after(() => rm(made, { recursive: true }));
  beforeEach(async () => {
    temporary = await temporaryFolder();
    dataFolder = join(temporary, 'data-folder');
  });

  /** Copies one that was made before: much faster than making one. */
  const givenData = (folder = dataFolder) => promisify(execFile)('cp', ['-a', made, folder]);

  afterEach(async () => {
    const { pid } = (await readPostmaster(clusterIn(dataFolder))) ?? {};
    if (pid !== undefined) await (await start(dataFolder)).stop();
    await rm(temporary, { recursive: true });
  });

  describe('once started', () => {
    let server: BundledServer;
    let root: string;
    let folder: string;

    before(async () => {
      root = await temporaryFolder();
      folder = join(root, 'data-folder');
      await givenData(folder);
      server = await startBundledServer({ dataFolder: folder });
    });

    after(async () => {
      await server.stop();
      await rm(root, { recursive: true });
    });

    for (const [setting, value] of [
      ['listen_addresses', '127.0.0.1'],
      ['unix_socket_directories', ''],
      ['password_encryption', 'scram-sha-256'],
      ['server_encoding', 'UTF8'],
      ['TimeZone', 'UTC'],
      ['fsync', 'on'],
      ['full_page_writes', 'on'],
      ['shared_preload_libraries', 'pg_stat_statements'],
    ]) {
      it(`has ${setting} = '${value}'`, async () => {
        expect(await scalar(server.dsn, `SELECT current_setting('${setting}')`)).to.equal(value);
      });
    }

    it('knows the case of letters that are not ASCII, and sorts by code point', async () => {
      expect(await scalar(server.dsn, `SELECT lower('ÄÉ') || ('Z' < 'a')`)).to.equal('äétrue');
    });

    it('requires the password', async () => {
      const dsn = new URL(server.dsn);
      dsn.password = 'guess';
      expect(await failureOf(psqlLike(dsn.href))).to.include({ code: '28P01' });
    });

    it('keeps the password in a file that only its user can read', async () => {
      const { passwordFile, folder: clusterFolder } = clusterIn(folder);
      expect(await readFile(passwordFile, 'utf8')).to.equal(new URL(server.dsn).password);
      expect((await stat(passwordFile)).mode & 0o777).to.equal(0o600);
      expect((await stat(clusterFolder)).mode & 0o777).to.equal(0o700);
    });

    it(isRoot ? 'runs as an unprivileged account' : 'runs as ourselves', async () => {
      const { uid } = await stat(join(clusterIn(folder).dataDirectory, 'postmaster.pid'));
      if (isRoot) expect(uid).to.be.above(0);
      else expect(uid).to.equal(process.getuid?.());
    });

    it('keeps running while others have sessions open, and stops after the last', async () => {
      const other = await psqlLike(server.dsn);
      await server.stop();
      expect((await other.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }]);
      await other.end();
      await server.stop();
      expect(await failureOf(psqlLike(server.dsn))).to.include({ code: 'ECONNREFUSED' });
      server = await startBundledServer({ dataFolder: folder });
    });
  });

  it('finds the data again after a stop', async () => {
    await givenData();
    const first = await start(dataFolder);
    await scalar(first.dsn, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start(dataFolder);
    expect(await scalar(second.dsn, 'SELECT answer FROM kept')).to.equal(42);
  });

  it('is adopted if a killed process left it running', async () => {
    await givenData();
    const { holder, dsn } = await holdFromElsewhere(dataFolder);
    await end(holder, () => holder.kill('SIGKILL'));
    expect((await start(dataFolder)).dsn).to.equal(dsn);
  });

  it('ignores the Ctrl-C of the terminal that started it', async () => {
    await givenData();
    const { holder, dsn } = await holdFromElsewhere(dataFolder);
    await end(holder, () => process.kill(-(holder.pid ?? 0), 'SIGINT'));
    expect(await scalar(dsn, 'SELECT 1')).to.equal(1);
  });

  it('is one server for two processes that start it at once', async () => {
    const holders = await Promise.all([holdFromElsewhere(dataFolder), holdFromElsewhere(dataFolder)]);
    for (const { holder } of holders) await end(holder, () => holder.kill());
    expect(holders[0].dsn).to.equal(holders[1].dsn);
  });

  it('restarts after a crash, with all committed data', async () => {
    await givenData();
    const crashed = await start(dataFolder);
    await scalar(crashed.dsn, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { pid = 0 } = (await readPostmaster(clusterIn(dataFolder))) ?? {};
    process.kill(pid, 'SIGKILL');
    const { dsn } = await start(dataFolder);
    expect(await scalar(dsn, 'SELECT answer FROM kept')).to.equal(42);
  });

  it('is not confused with another server on its old port', async () => {
    await givenData();
    await givenData(join(temporary, 'other'));
    const other = await start(join(temporary, 'other'));
    const nobody = 2 ** 22 + 1; // above the highest process id
    const staleLines = [
      nobody,
      clusterIn(dataFolder).dataDirectory,
      1,
      new URL(other.dsn).port,
      '',
      '127.0.0.1',
    ];
    await writeFile(join(clusterIn(dataFolder).dataDirectory, 'postmaster.pid'), staleLines.join('\n'));
    expect((await start(dataFolder)).dsn).not.to.equal(other.dsn);
    await other.stop();
  });

  it('recovers from a start that died half-way, and cleans up after it', async () => {
    const prefix = `${clusterIn(dataFolder).folder}.unfinished-`;
    const [abandoned, young] = [`${prefix}old`, `${prefix}new`];
    for (const folder of [abandoned, young]) await mkdir(join(folder, 'data'), { recursive: true });
    await utimes(abandoned, 0, 0);
    await start(dataFolder);
    const unfinished = (await readdir(dataFolder)).filter(name => name.includes('unfinished'));
    expect(unfinished).to.deep.equal(['postgres.unfinished-new']);
  });

  it('refuses the data of another major version, and says what to do', async () => {
    await givenData();
    await writeFile(join(clusterIn(dataFolder).dataDirectory, 'PG_VERSION'), '17\n');
    const { message } = await failureOf(start(dataFolder));
    expect(message).to.match(
      /belongs to PostgreSQL 17, and PostgreSQL \d+ cannot read it: .* move .*pg_dumpall/,
    );
  });

  it('reports PostgreSQL’s message if it fails to start', async () => {
    await givenData();
    await writeFile(join(clusterIn(dataFolder).dataDirectory, 'postgresql.conf'), 'nonsense = 1\n');
    const failure = await failureOf(start(dataFolder));
    expect(failure).to.be.instanceOf(BundledServerError);
    expect(failure.message).to.match(/failed to start: .*unrecognized configuration parameter "nonsense"/s);
  });

  it('refuses a data folder that cannot be created', async () => {
    await writeFile(join(temporary, 'file'), '');
    expect((await failureOf(start(join(temporary, 'file/data-folder')))).message).to.match(
      /ENOTDIR.*choose another/,
    );
  });

  it(`${isRoot ? 'refuses' : 'takes'} a data folder that only we can enter`, async () => {
    const closed = await mkdtemp(join(temporary, 'closed-'));
    const attempt = start(join(closed, 'data-folder'));
    if (isRoot)
      expect((await failureOf(attempt)).message).to.match(/runs it instead, cannot enter .* \/var\/lib/);
    else await (await attempt).stop();
  });
});
