import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { CHECKOUT } from '../support/dockerfile.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: object;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly environment?: string;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (path: string): string => readFileSync(join(CHECKOUT, path), 'utf8');
const packageJson = JSON.parse(read('package.json'));
const workflows = new Map(
  globSync('.github/workflows/*.yaml', { cwd: CHECKOUT }).map((path): [string, Workflow] => [
    basename(path, '.yaml'),
    parse(read(path)),
  ]),
);
const jobsOf = (name: string): Readonly<Record<string, Job>> => workflows.get(name)?.jobs ?? {};
const needs = (job: Job | undefined): readonly string[] => [job?.needs ?? []].flat();
const runs = (job: Job | undefined): readonly string[] => job?.steps?.flatMap(({ run }) => run ?? []) ?? [];

describe('The workflows', () => {
  it('are those of integration, deployment and release', () => {
    expect([...workflows.keys()]).to.have.members(['ci', 'deploy', 'release']);
  });

  for (const [name, { permissions, jobs }] of workflows) {
    it(`may read, unless a job needs more, and end some day: ${name}`, () => {
      expect(permissions).to.deep.equal({ contents: 'read' });
      for (const [title, job] of Object.entries(jobs)) {
        if (job.uses !== undefined) expect(job.uses).to.equal('./.github/workflows/ci.yaml');
        else expect(job['timeout-minutes'], title).to.be.within(1, 120);
      }
    });

    it(`use GitHub’s own actions alone, and leave no token in the checkout: ${name}`, () => {
      const steps = Object.values(jobs).flatMap(job => job.steps ?? []);
      for (const { uses, with: given } of steps.filter(step => step.uses !== undefined)) {
        expect(uses).to.match(/^actions\/[a-z-]+@v\d+$/);
        if (uses?.startsWith('actions/checkout')) expect(given).to.include({ 'persist-credentials': false });
      }
    });

    for (const run of Object.values(jobs).flatMap(runs)) {
      it(`call what runs by hand, too: ${name}, ${run}`, () => {
        const [program = '', , script = ''] = run.split(' ');
        if (program !== 'npm') return accessSync(join(CHECKOUT, program), constants.X_OK);
        const isOurs = Object.hasOwn(packageJson.scripts, script);
        expect(isOurs || /^npm (audit|publish) /.test(run)).to.equal(true);
      });
    }
  }
});

describe('Integration', () => {
  const jobs = jobsOf('ci');

  it('runs all specs on each PostgreSQL from 14 on, and on each Node from the oldest that will do', () => {
    const { node = [], postgres } = jobs.specs?.strategy?.matrix ?? {};
    expect(packageJson.engines.node).to.equal(`>=${node[0]}`);
    expect(node).to.deep.equal(['24', '26']);
    expect(postgres).to.deep.equal(['14', '15', '16', '17', '18']);
    expect(runs(jobs.specs)).to.deep.equal(['scripts/ci/specs.sh']);
  });

  it('checks format, lint, types and known vulnerabilities, and builds the package and the image', () => {
    expect(runs(jobs.check)).to.deep.equal(['npm run check', 'npm run lint:deploy', 'npm audit --omit=dev']);
    expect(runs(jobs.package)[0]).to.match(/^scripts\/ci\/package\.sh /);
    expect(runs(jobs.image)).to.deep.equal(['scripts/ci/image.sh']);
    expect(runs(jobs.everything)).to.deep.equal(['.ci/run']);
  });
});

describe('Deployment', () => {
  const { image, staging, production } = jobsOf('deploy');

  it('goes to staging once integration has passed, and from there to production', () => {
    expect(needs(image)).to.deep.equal(['ci']);
    expect(needs(staging)).to.deep.equal(['image']);
    expect(needs(production)).to.include('staging');
    expect([staging?.environment, production?.environment]).to.deep.equal(['staging', 'production']);
  });

  it('does the same to both, with the same image', () => {
    expect(production?.steps).to.deep.equal(staging?.steps);
  });
});

describe('A release', () => {
  it('is made of what passed integration, and says where it comes from', () => {
    const { package: published, image, notes } = jobsOf('release');
    expect(needs(published)).to.deep.equal(['ci']);
    expect(runs(published).at(-1)).to.match(/^npm publish .* --provenance /);
    expect(image?.steps?.at(-1)?.uses).to.match(/^actions\/attest-build-provenance@/);
    expect(needs(notes)).to.have.members(['package', 'image']);
  });
});
