import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { NODE_MIN, nodeProblem, requireNode } from '../../lib/domain/node-problem.ts';

describe('A Node that is too old', () => {
  for (const version of ['18.20.8', '20.20.2', '22.18.0', '23.11.1'])
    it(`is refused in one sentence, as ${version}`, () => {
      const problem = `website-monitor needs Node 24 or newer, and this is Node ${version}`;
      expect(nodeProblem(version)).to.equal(problem);
      expect(() => requireNode(version)).to.throw(Error, problem);
    });

  for (const version of ['24.0.0', '24.21.0', '25.1.0', '100.0.0'])
    it(`is not ${version}`, () => expect(nodeProblem(version)).to.equal(null));

  it('is what package.json says', () => {
    const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(packageJson.engines.node).to.equal(`>=${NODE_MIN}`);
  });

  it('is refused by the command before anything else is loaded', () => {
    const main = readFileSync(new URL('../../lib/main.ts', import.meta.url), 'utf8');
    expect([...main.matchAll(/^import .*$/gm)].map(([line]) => line)).to.deep.equal([
      "import { nodeProblem } from './domain/node-problem.ts';",
    ]);
  });
});
