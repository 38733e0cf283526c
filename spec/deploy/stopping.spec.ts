import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { parseConfig } from '../../lib/config/parse-config.ts';
import { CHECKOUT } from '../support/dockerfile.ts';

const read = (path: string): string => readFileSync(join(CHECKOUT, path), 'utf8');
const worker = parse(read('deploy/kubernetes/worker.yaml')).spec.template.spec;
const [container] = worker.containers;
const service = parse(read('compose.yaml')).services.worker;

/** For the connections to close and the log to be written, once the service's own grace is over */
const CLOSING_SECONDS = 5;

/** How long a worker that is so configured may take to stop, in seconds. */
const stopSecondsMax = (argv: readonly string[], environment: Readonly<Record<string, string>>): number => {
  const parsed = parseConfig(argv, environment, { isTerminal: false, randomUuid: '' });
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.config.shutdownGraceMs / 1_000 + CLOSING_SECONDS;
};

const literals = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => !value.includes('${')));

const NOTHING_SAID: Record<string, string> = {};

describe('Everything that stops a worker leaves it enough time', () => {
  for (const [who, seconds, argv, environment] of [
    [
      'Kubernetes (terminationGracePeriodSeconds)',
      worker.terminationGracePeriodSeconds,
      container.args,
      Object.fromEntries(
        container.env.flatMap(({ name, value }: { name: string; value?: string }) =>
          value ? [[name, value]] : [],
        ),
      ),
    ],
    [
      'Compose (stop_grace_period)',
      Number.parseInt(service.stop_grace_period, 10),
      service.command ?? [],
      literals(service.environment),
    ],
    [
      'systemd (TimeoutStopSec)',
      Number(/^TimeoutStopSec=(\d+)$/m.exec(read('deploy/systemd/website-monitor.service'))?.[1]),
      [],
      NOTHING_SAID,
    ],
  ] as const) {
    it(who, () => {
      expect(seconds).to.equal(stopSecondsMax(argv, environment));
    });
  }
});
