import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { scriptPath } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const IMAGE = 'registry.example.com/website-monitor@sha256:0123456789abcdef';

/** Notes how it was called and what it was fed; its jobs end as the files say that have their names. */
const KUBECTL = `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>calls
case "$1" in
apply) cat >>applied; echo --- >>applied;;
kustomize) cat "$OLDPWD/worker.yaml";;
get) [ "$2 $3" = "job $FAILING" ] && echo FailureTarget Failed || echo SuccessCriteriaMet Complete;;
rollout) exit "\${ROLLOUT:-0}";;
esac
`;

describe('scripts/deploy/kubernetes.sh', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/kubectl'), KUBECTL);
    await chmod(join(folder, 'bin/kubectl'), 0o755);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const deploy = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, ...environment };
    const code = await new Promise<unknown>(resolve => {
      execFile(scriptPath('deploy/kubernetes.sh'), args, { env }, error => resolve(error?.code ?? 0));
    });
    const read = (name: string) => readFile(join(folder, 'bin', name), 'utf8').catch(() => '');
    const calls = (await read('calls')).split('\n').map(call => call.split(' ').slice(0, 3).join(' '));
    return { code, calls: calls.filter(call => !/^(get job|$)/.test(call)), applied: await read('applied') };
  };

  const MIGRATE = [
    'delete job website-monitor-migrate',
    'apply --filename -',
    'logs job/website-monitor-migrate --all-containers',
  ];
  const ROLL_OUT = ['kustomize .', 'apply --filename -', 'rollout status deployment/website-monitor'];
  const TRY = [
    'delete job website-monitor-smoke-test',
    'apply --filename -',
    'logs job/website-monitor-smoke-test --all-containers',
  ];

  it('migrates, rolls out and tests the workers, all with one image', async () => {
    const { code, calls, applied } = await deploy([IMAGE]);
    expect(calls).to.deep.equal([...MIGRATE, ...ROLL_OUT, ...TRY]);
    expect(code).to.equal(0);
    const kinds = parseAllDocuments(applied).flatMap(document => document.toJS()?.kind ?? []);
    expect(kinds).to.deep.equal(['Job', 'Deployment', 'Job']);
    const images = [...applied.matchAll(/image: (.*)/g)].map(([, image]) => image);
    expect(new Set(images)).to.deep.equal(new Set([IMAGE]));
  });

  for (const [what, environment, calls] of [
    ['the migration fails: no worker is touched', { FAILING: 'website-monitor-migrate' }, MIGRATE],
    ['the workers do not get ready', { ROLLOUT: '1' }, [...MIGRATE, ...ROLL_OUT]],
    ['the smoke test fails', { FAILING: 'website-monitor-smoke-test' }, [...MIGRATE, ...ROLL_OUT, ...TRY]],
  ] as const) {
    it(`fails, and goes no further, where ${what}`, async () => {
      expect(await deploy([IMAGE], environment)).to.deep.include({ code: 1, calls });
    });
  }

  for (const [what, args] of [
    ['no image', []],
    ['what is no name of one', ['a|b']],
  ] as const) {
    it(`does nothing where it is given ${what}`, async () => {
      const { code, calls } = await deploy(args);
      expect(code).to.be.oneOf([1, 2]);
      expect(calls).to.deep.equal([]);
    });
  }
});
