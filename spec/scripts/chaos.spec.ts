import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RunningScript, runScript, startScript } from '../support/run-script.ts';

describe('npm run chaos', function () {
  this.timeout(120_000);
  let chaos: RunningScript | undefined;
  afterEach(() => chaos?.kill('SIGTERM')); // alive only where a spec failed

  const folderOf = ({ pid }: RunningScript): string => join(tmpdir(), `website-monitor-chaos-${pid}`);

  it('kills, stops and restarts, accounts for every slot afterwards, and leaves nothing behind', async () => {
    // Of this seed: the postmaster killed while a worker stops, then a worker killed
    chaos = startScript(
      'chaos.ts',
      '--seed=1',
      '--minutes=0.2',
      '--workers=2',
      '--targets=60',
      '--interval-s=2-4',
    );
    const code = await chaos.exited;
    const output = chaos.lines.join('\n');
    expect([code, chaos.lines.at(-1)], output).to.deep.equal([0, 'No promise was broken.']);
    expect(chaos.stderr()).to.equal('');
    expect(output).to.match(/^ +0\.0 s {2}\S+Z, seed 1: 2 workers, 60 targets, 0\.2 minutes/);
    for (const fault of ['kill-postmaster for 0.3 s', 'stop-worker of worker 1', 'kill-worker of worker 1'])
      expect(output).to.match(new RegExp(`^ +[\\d.]+ s {2}${fault}$`, 'm'));
    expect(output).to.match(/^\| unaccounted \| 0 \|$/m);
    expect(output).to.match(/^\| kill-worker \| 1 \| [\d.]+ s \| [\d.]+ s \| [\d.]+ s \|$/m);
    expect(existsSync(folderOf(chaos))).to.equal(false);
  });

  it('ends whatever it has started when it is interrupted', async () => {
    chaos = startScript('chaos.ts', '--seed=1', '--workers=1', '--targets=10');
    await chaos.lineLike(/kill-postmaster/);
    expect(existsSync(folderOf(chaos))).to.equal(true);
    chaos.kill('SIGINT');
    expect([await chaos.exited, chaos.stderr()]).to.deep.equal([130, '']);
    expect(chaos.lines.at(-1)).to.match(/interrupted: stopped and removed everything$/);
    expect(existsSync(folderOf(chaos))).to.equal(false);
  });

  it('names every problem of its flags, by name and rule, and exits with 2', async () => {
    expect(await runScript('chaos.ts', '--minutes=0', '--workers=0', '--speed=2')).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: `--speed: no such flag; did you mean --seed?
--minutes: must be minutes from 0.1 to 1440, as in 3 or 0.5
--workers: must be a whole number from 1 to 20
`,
    });
  });
});
