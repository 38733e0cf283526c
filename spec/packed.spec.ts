import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ledger, openLedger } from './support/ledger.ts';
import { type PackedPackage, packAndInstall, type RunningProgram } from './support/packed-package.ts';
import { publicDeclarations } from './support/public-declarations.ts';
import { respond, type ScriptedWebsite, startScriptedWebsite } from './support/scripted-website.ts';

const CHECKOUT = join(import.meta.dirname, '..');
const PROBE = readFileSync(join(import.meta.dirname, 'support/embedding-probe.ts'), 'utf8');
const UNDEFINED_OPTIONS = readFileSync(join(import.meta.dirname, 'support/undefined-options.ts'), 'utf8');
const MANUAL = readFileSync(join(CHECKOUT, 'docs/EMBEDDING.md'), 'utf8');

/** Ended by itself, for nobody calls `process.exit` there. */
const BY_ITSELF = { code: 0, signal: null, stderr: '' };

describe('The package, packed and installed in an empty folder', () => {
  let packed: PackedPackage;
  before(async function () {
    this.timeout(300_000); // a registry may be slow
    packed = await packAndInstall();
  });
  after(() => packed?.close());

  let ledger: Ledger;
  let website: ScriptedWebsite;
  let isWell = true;
  const started: RunningProgram[] = [];
  beforeEach(async () => {
    ledger = await openLedger();
    isWell = true;
    website = await startScriptedWebsite({
      acts: {
        '*': (request, response) => respond({ status: isWell ? 200 : 503, body: 'aab' })(request, response),
      },
    });
  });
  afterEach(async () => {
    for (const program of started.splice(0)) program.kill();
    await website.close();
    await ledger.drop();
  });

  const run = (name: string, ...args: string[]): RunningProgram => {
    const program = packed.run(name, ...args);
    started.push(program);
    return program;
  };

  it('holds what it needs and nothing else', () => {
    const kinds = new Set(
      packed.files.map(file =>
        file.replace(/^(deploy|dist\/lib|docs|examples|sql)\/.*(?=\.)/, '$1/*').replace(/\.d\.ts$/, '.ts'),
      ),
    );
    expect([...kinds].sort()).to.deep.equal([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'deploy/*.json',
      'deploy/*.yaml',
      'dist/lib/*.js',
      'dist/lib/*.map',
      'dist/lib/*.ts',
      'docs/*.json',
      'docs/*.md',
      'docs/*.png',
      'examples/*.ts',
      'package.json',
      'sql/*.sql',
    ]);
  });

  it('holds every migration, statement, document and example, and the code of each source', () => {
    const wanted = globSync(['sql/**/*.sql', 'docs/**/*.{json,md,png}', 'examples/*.ts'], { cwd: CHECKOUT });
    const built = globSync('lib/**/*.ts', { cwd: CHECKOUT }).flatMap(file =>
      ['.js', '.js.map', '.d.ts'].map(ending => `dist/${file.replace(/\.ts$/, ending)}`),
    );
    expect(packed.files).to.include.members([...wanted, ...built]);
    expect(packed.files.filter(file => file.startsWith('dist/'))).to.have.length(built.length);
  });

  it('documents every export, and exports every type that one of them refers to', () => {
    const entries = ['index', 'operators', 'postgres'].map(entry => packed.path(`dist/lib/${entry}.d.ts`));
    const declarations = publicDeclarations(entries);
    expect(declarations).to.have.length.above(100);
    const bare = declarations.filter(({ isDocumented }) => !isDocumented).map(({ name }) => name);
    expect(bare, 'without a comment').to.deep.equal([]);
    const hiding = declarations.filter(({ hidden }) => hidden.length > 0);
    expect(hiding.map(({ name, hidden }) => `${name} names ${hidden.join(', ')}`)).to.deep.equal([]);
  });

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ]) {
    it(`compiles under ${module} and ${moduleResolution}: its types, the examples, and all that the manual shows`, async function () {
      this.timeout(120_000);
      const shown = [...MANUAL.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
      expect(shown).to.have.length.above(5);
      for (const [index, code] of shown.entries()) await packed.write(`manual-${index + 1}.ts`, code);
      await packed.write('probe.ts', PROBE);
      await packed.write('undefined-options.ts', UNDEFINED_OPTIONS);
      expect(await packed.compile({ module, moduleResolution })).to.equal('');
    });
  }

  it('runs in ten lines', async () => {
    const program = run('ten-lines.ts', ledger.dsn, `${website.origin}/`);
    expect(await program.lineWith('is')).to.equal(`${website.origin}/ is up`);
    program.interrupt();
    expect(await program.ended).to.deep.equal(BY_ITSELF);
    expect(await ledger.rows('SELECT outcome FROM check_results')).to.deep.equal([{ outcome: 'up' }]);
  });

  it('accepts a custom sink next to ours', async () => {
    const program = run('own-sink.ts', ledger.dsn, `${website.origin}/`, '0');
    const [, port] = (await program.lineWith('listening')).split('port ');
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const { value = '' } = (await reader?.read()) ?? {};
    expect(value).to.match(/^data: \{"url":"http:\/\/127.0.0.1:\d+\/","outcome":"up","ms":[\d.]+\}\n\n/);
    program.interrupt();
    expect(await program.ended).to.deep.equal(BY_ITSELF);
    await reader?.cancel().catch(() => {}); // it was cut off
  });

  it('accepts a custom fetcher instead of ours', async () => {
    isWell = false;
    const program = run('own-fetcher.ts', ledger.dsn, `${website.origin}/`);
    expect(await program.lineWith('status')).to.equal(`${website.origin}/ is down, status 503`);
    program.interrupt();
    expect(await program.ended).to.deep.equal(BY_ITSELF);
    expect(website.requests[0]?.headers['user-agent']).to.equal('node');
  });

  it('works without PostgreSQL, on an array of targets', async () => {
    const program = run('without-postgres.ts', `${website.origin}/one`, `${website.origin}/two`);
    expect(await program.lineWith('/one')).to.equal(`${website.origin}/one is up`);
    expect(await program.lineWith('/two')).to.equal(`${website.origin}/two is up`);
    program.interrupt();
    expect(await program.ended).to.deep.equal(BY_ITSELF);
  });

  it('emits each state change once, and stops gracefully', async () => {
    await ledger.addTargets(website.origin, 1, '1 s');
    const program = run('alert-on-change.ts', ledger.dsn);
    await ledger.until('SELECT count(*) > 0 FROM check_results');
    isWell = false;
    const url = `${website.origin}/1`;
    expect(await program.lineWith('down')).to.equal(`${url} is down: http_status, the final status is 503`);
    isWell = true;
    expect(await program.lineWith('is up')).to.equal(`${url} is up`);
    program.interrupt();
    expect(await program.lineWith('recorded')).to.equal('everything is recorded');
    expect(await program.ended).to.deep.equal(BY_ITSELF);
    expect(await ledger.rows('SELECT ended_at IS NOT NULL AS ended FROM incidents')).to.deep.equal([
      { ended: true },
    ]);
  });

  it('adds no handler to its process, reads nothing of its environment, and lets it end', async () => {
    await packed.write('probe.ts', PROBE);
    const program = run('probe.ts', ledger.dsn, `${website.origin}/`);
    expect(JSON.parse(await program.lineWith('{'))).to.deep.equal({
      isFromPackage: true,
      outcomes: ['up'],
      handlersAdded: [],
      reads: [],
    });
    expect(await program.ended).to.deep.equal(BY_ITSELF);
  });

  it('includes the command', async () => {
    const version = run('website-monitor', '--version');
    expect(await version.lineWith('.')).to.match(/^\d+\.\d+\.\d+/);
    expect(await version.ended).to.deep.equal(BY_ITSELF);

    const worker = run('website-monitor', '--dsn', ledger.dsn, '--http-port=off', '--logging-type=prod');
    await worker.lineWith('listening for changes');
    worker.interrupt();
    expect(await worker.ended).to.deep.equal(BY_ITSELF);
  });
});
