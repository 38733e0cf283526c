import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { CHECKOUT, readDockerfile } from '../support/dockerfile.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly securityContext: object;
  readonly resources: { readonly limits: object };
}

const read = (path: string) => parse(readFileSync(join(CHECKOUT, path), 'utf8'));
const manifests = globSync('deploy/kubernetes/*.yaml', { cwd: CHECKOUT })
  .map(path => read(path))
  .filter(({ kind }) => kind !== 'Kustomization');
const pods = manifests.filter(({ spec }) => spec?.template).map(({ spec }) => spec.template.spec);
const containers: readonly Container[] = pods.flatMap(pod => [
  ...(pod.initContainers ?? []),
  ...pod.containers,
]);
const byName = (kind: string) =>
  manifests.find(manifest => manifest.kind === kind && manifest.metadata.name === 'website-monitor');
const deployment = byName('Deployment');
const [worker] = deployment.spec.template.spec.containers;
const exposed = Number(
  readDockerfile()
    .at(-1)
    ?.instructions.find(({ keyword }) => keyword === 'EXPOSE')?.text,
);

const defaults = parseConfig([], {}, { isTerminal: false, randomUuid: '' });

describe('The Kubernetes manifests', () => {
  it('have workers, and jobs that migrate, give rights, and try', () => {
    expect(containers.map(({ name }) => name)).to.have.members([
      'worker',
      'migrate',
      'apply-roles',
      'smoke-test',
    ]);
    expect(deployment.spec.replicas).to.be.at.least(2);
  });

  it('probe liveness and readiness at the paths that the service has', () => {
    expect(worker.livenessProbe.httpGet).to.deep.equal({ path: '/livez', port: 'http' });
    expect(worker.readinessProbe.httpGet).to.deep.equal({ path: '/readyz', port: 'http' });
    expect(worker.ports).to.deep.equal([{ name: 'http', containerPort: exposed }]);
    expect(defaults.kind === 'run' && defaults.config.http?.port).to.equal(exposed);
  });

  for (const { name, image, securityContext, resources } of containers) {
    it(`give ${name} no rights, nothing to write to, and a bound on memory`, () => {
      expect(image).to.equal('website-monitor');
      expect(securityContext).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(resources.limits).to.have.property('memory');
    });
  }

  it('run nothing as root, and hand nothing a token of the cluster', () => {
    for (const { securityContext, automountServiceAccountToken, enableServiceLinks } of pods) {
      expect(securityContext.runAsNonRoot).to.equal(true);
      expect(automountServiceAccountToken).to.equal(false);
      expect(enableServiceLinks).to.equal(false);
    }
  });

  it('give workers settings that the service takes', () => {
    const dsn = { WEBSITE_MONITOR_DSN: 'postgres://db/x' };
    const parsed = parseConfig(worker.args, dsn, { isTerminal: false, randomUuid: '' });
    expect(parsed.kind, JSON.stringify(parsed)).to.equal('run');
  });

  it('keep the rights of an administrator from the workers', () => {
    const secretOf = (container: Container) => JSON.stringify(container.env).match(/"key":"([\w-]+)"/)?.[1];
    const secrets = Object.fromEntries(containers.map(container => [container.name, secretOf(container)]));
    expect(secrets).to.deep.equal({
      worker: 'worker-dsn',
      migrate: 'admin-dsn',
      'apply-roles': 'admin-dsn',
      'smoke-test': 'admin-dsn',
    });
    expect(Object.keys(byName('Secret').stringData)).to.have.members(['admin-dsn', 'worker-dsn']);
  });

  it('select the workers, and only them, for the service and the disruption budget', () => {
    const { labels } = deployment.spec.template.metadata;
    expect(deployment.spec.selector.matchLabels).to.deep.equal(labels);
    expect(byName('Service').spec.selector).to.deep.equal(labels);
    expect(byName('PodDisruptionBudget').spec.selector.matchLabels).to.deep.equal(labels);
  });
});

describe('compose.yaml', () => {
  const { services } = read('compose.yaml');

  it('has PostgreSQL and two workers of the Dockerfile', () => {
    expect(Object.keys(services)).to.have.members(['postgres', 'worker']);
    expect(services.worker).to.include({ build: '.', image: 'website-monitor' });
    expect(services.worker.deploy.replicas).to.equal(2);
    expect(services.postgres.image).to.match(/^postgres:\d+/);
  });

  it('gives the workers no rights and nothing to write to', () => {
    expect(services.worker).to.deep.include({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('shows nothing to other machines, and has no password of its own', () => {
    expect(services.worker.ports).to.deep.equal([`127.0.0.1:9400-9401:${exposed}`]);
    expect(services.postgres).to.not.have.property('ports');
    expect(services.postgres.environment.POSTGRES_PASSWORD).to.match(/^\$\{POSTGRES_PASSWORD:\?.+\}$/);
  });
});
