import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { runScript, scriptPath } from '../support/run-script.ts';

describe('npm run chaos', function () {
  this.timeout(120_000);
  const running: { readonly kill: (signal: NodeJS.Signals) => boolean }[] = [];
  afterEach(() => {
    for (const chaos of running.splice(0)) chaos.kill('SIGTERM'); // alive only where a spec failed
  });

  const start = (...flags: string[]) => {
    const chaos = spawn(process.execPath, [scriptPath('chaos.ts'), ...flags]);
    running.push(chaos);
    let stdout = '';
    let stderr = '';
    const reader = createInterface(chaos.stdout).on('line', line => {
      stdout += `${line}\n`;
    });
    chaos.stderr.on('data', chunk => {
      stderr += chunk;
    });
    return {
      folder: join(tmpdir(), `website-monitor-chaos-${chaos.pid}`),
      interrupt: () => chaos.kill('SIGINT'),
      lineLike: async (pattern: RegExp): Promise<void> => {
        while (!pattern.test(stdout)) await once(reader, 'line');
      },
      exited: once(chaos, 'close').then(([code]) => ({ code, stdout, stderr })),
    };
  };

  it('kills, stops and restarts, accounts for every slot afterwards, and leaves nothing behind', async () => {
    // Of this seed: the postmaster killed while a worker stops, a worker killed, an immediate restart
    const chaos = start('--seed=1', '--minutes=0.1', '--workers=2', '--targets=60', '--interval-s=2-4');
    const { code, stdout, stderr } = await chaos.exited;
    expect(stderr).to.equal('');
    expect(stdout).to.match(/^ +0\.0 s {2}\S+Z, seed 1: 2 workers, 60 targets, 0\.1 minutes/);
    for (const fault of ['kill-postmaster for 0.3 s', 'stop-worker of worker 1', 'kill-worker of worker 1'])
      expect(stdout).to.include(` s  ${fault}\n`);
    expect(stdout).to.match(/^\| unaccounted \| 0 \|$/m);
    expect(stdout).to.match(/^\| kill-worker \| 1 \| [\d.]+ s \| [\d.]+ s \| [\d.]+ s \|$/m);
    expect([stdout.split('\n').at(-2), code], stdout).to.deep.equal(['No promise was broken.', 0]);
    expect(existsSync(chaos.folder)).to.equal(false);
  });

  it('ends whatever it has started when it is interrupted', async () => {
    const chaos = start('--seed=1', '--workers=1', '--targets=10');
    await chaos.lineLike(/kill-postmaster/);
    expect(existsSync(chaos.folder)).to.equal(true);
    chaos.interrupt();
    const { code, stdout, stderr } = await chaos.exited;
    expect([code, stderr]).to.deep.equal([130, '']);
    expect(stdout).to.match(/interrupted: everything is ended and removed\n$/);
    expect(existsSync(chaos.folder)).to.equal(false);
  });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    expect(await runScript('chaos.ts', '--minutes=0', '--workers=0', '--speed=2')).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `--speed: no such flag; see --help
--minutes: must be minutes from 0.1 to 1440, as in 3 or 0.5
--workers: must be a whole number from 1 to 20
`,
    });
  });
});
