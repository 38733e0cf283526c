import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

describe('scripts/run.mjs', () => {
  let checkout: string;
  beforeEach(async () => {
    checkout = await temporaryFolder();
    await mkdir(join(checkout, 'scripts'));
    await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true });
    for (const name of ['setup.mjs', 'run.mjs']) {
      await copyFile(join(SCRIPTS, name), join(checkout, 'scripts', name));
    }
    await writeFile(join(checkout, 'package-lock.json'), '{ "packages": {} }');
    await writeFile(join(checkout, 'node_modules/.package-lock.json'), '{ "packages": {} }');
    await symlink(process.execPath, join(checkout, 'node_modules/.bin/node'));
  });
  afterEach(() => rm(checkout, { recursive: true }));

  /** @param flags of the Node that runs it */
  const run = (args: readonly string[], flags: readonly string[] = []): ChildProcess =>
    spawn(process.execPath, [...flags, 'scripts/run.mjs', ...args], {
      cwd: checkout,
      env: { PATH: '/nowhere' },
    });

  const ending = async (child: ChildProcess) => {
    const closed = once(child, 'close');
    const outputs = [child.stdout, child.stderr].map(stream => text(stream as NonNullable<typeof stream>));
    const [stdout, stderr] = await Promise.all(outputs);
    const [code, signal] = await closed;
    return { code, signal, stdout, stderr };
  };

  for (const [node, flags] of [
    ['a Node that can become another program', []],
    ['a Node that cannot', ['--import', 'data:text/javascript,process.execve = undefined']],
  ] as const) {
    describe(`on ${node}`, () => {
      it('runs a TypeScript file on the project’s own Node, with its arguments, and ends as it does', async () => {
        const script = 'console.log(process.argv[0], process.argv.slice(2)); process.exit(7 as number);';
        await writeFile(join(checkout, 'script.ts'), script);
        expect(await ending(run(['script.ts', 'a b', '--c'], flags))).to.deep.equal({
          code: 7,
          signal: null,
          stdout: `${process.execPath} [ 'a b', '--c' ]\n`,
          stderr: '',
        });
      });

      it('runs a program that a package brings', async () => {
        const program = join(checkout, 'node_modules/.bin/program');
        await writeFile(program, '#!/bin/sh\necho "$@"\n');
        await chmod(program, 0o755);
        expect(await ending(run(['program', 'a', 'b'], flags))).to.include({ code: 0, stdout: 'a b\n' });
      });

      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        it(`lets the program stop at ${signal} in its own way`, async () => {
          const script = `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1e6); console.log('on');`;
          await writeFile(join(checkout, 'script.ts'), script);
          const child = run(['script.ts'], flags);
          child.stdout?.once('data', () => child.kill(signal));
          expect(await ending(child)).to.include({ code: 5, signal: null });
        });
      }

      it('ends by the signal that ended the program', async () => {
        await writeFile(join(checkout, 'script.ts'), "process.kill(process.pid, 'SIGKILL');");
        expect(await ending(run(['script.ts'], flags))).to.include({ code: null, signal: 'SIGKILL' });
      });

      it('runs nothing where the checkout cannot be set up', async () => {
        await writeFile(join(checkout, 'script.ts'), "console.log('runs');");
        await rm(join(checkout, 'node_modules/.package-lock.json')); // and there is no npm in PATH
        const { code, stdout, stderr } = await ending(run(['script.ts'], flags));
        expect([code, stdout]).to.deep.equal([1, '']);
        expect(stderr).to.match(/^setup: npm ci .* failed/m);
      });
    });
  }
});
