import { expect } from 'chai';
import { contextPaths, execForm, type Instruction, readDockerfile } from '../support/dockerfile.ts';

const stages = readDockerfile();
const image = stages.at(-1);

const last = (keyword: string): string =>
  image?.instructions.findLast((instruction: Instruction) => instruction.keyword === keyword)?.text ?? '';

describe('The Dockerfile', () => {
  it('installs packages in a stage of its own, and runs nothing in the one that becomes the image', () => {
    expect(stages.map(({ name }) => name)).to.deep.equal(['packages', undefined]);
    expect(image?.instructions.filter(({ keyword }) => keyword === 'RUN')).to.deep.equal([]);
  });

  it('names a major version of Node for each stage, the same', () => {
    const bases = new Set(stages.map(({ base }) => base));
    expect([...bases]).to.have.length(1);
    expect([...bases][0]).to.match(/^node:\d+-\w+-slim$/);
  });

  it('runs as a user that is not root, given by number', () => {
    expect(last('USER')).to.match(/^[1-9]\d*:[1-9]\d*$/);
  });

  for (const keyword of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK']) {
    it(`has its ${keyword} in the exec form, so that signals reach Node`, () => {
      expect(execForm(last(keyword))).to.be.an('array').that.is.not.empty;
    });
  }

  it('includes in the build context only what it copies', () => {
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ keyword, text }) => keyword === 'COPY' && !text.startsWith('--from='))
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect(contextPaths()).to.have.members([...new Set(copied)]);
  });
});
