import { expect } from 'chai';
import { runScript } from '../support/run-script.ts';

describe('npm run soak', () => {
  it('names every flag that it cannot take, and ends with 2 before it has started anything', async () => {
    const { code, stderr, stdout } = await runScript(
      'soak.ts',
      '--minutes',
      '0',
      '--targets',
      'many',
      '--fast',
    );
    expect(code).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr)
      .to.match(/--minutes: /)
      .and.match(/--targets: /)
      .and.match(/--fast: /);
  });

  it('says what it looks for, and how long it takes', async () => {
    const { code, stdout } = await runScript('soak.ts', '--help');
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/leaks/)
      .and.match(/minutes longer than --minutes/)
      .and.match(/--minutes .*\(5\)/);
  });
});
