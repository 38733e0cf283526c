import { aboutCause } from '../../domain/check/cause.ts';
import { createNameResolver } from '../../net/names/resolve-name.ts';
import type { Work } from '../work.ts';
import type { Finding } from './finding.ts';

/** Always fine: an older Node refuses to start anything. */
export const checkRuntime = (): Finding => ({
  name: 'runtime',
  level: 'ok',
  says: `Node ${process.versions.node}`,
});

/** A check opens one socket, briefly two while it tries addresses. The rest is for files and pools. */
const DESCRIPTORS_A_CHECK = 2;
const DESCRIPTORS_BESIDE = 64;

export function checkDescriptors({ config }: Work<'doctor'>): Finding {
  const name = 'descriptors';
  const needed =
    DESCRIPTORS_A_CHECK * config.workerNumber + config.slowLaneSize + config.dbPoolSize + DESCRIPTORS_BESIDE;
  const limit = descriptorsMax();
  const says = `${limit ?? 'no limit on'} file descriptors; --worker-number ${config.workerNumber} and --slow-lane-size ${config.slowLaneSize} need ${needed}`;
  if (limit === null || limit >= needed) return { name, level: 'ok', says };
  return { name, level: 'warn', says, remedy: `run ulimit -n ${needed}, or lower --worker-number` };
}

/** Returns the limit, or null if there is none. Node raises its soft limit to the hard limit at startup. */
function descriptorsMax(): number | null {
  Object.assign(process.report, { excludeNetwork: true }); // the report would resolve names
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : null;
}

const RESOLVING_MS_MAX = 5_000;

/** Nobody gave the example, so there is no URL to correct. */
const EXAMPLE_REMEDY =
  'nothing, if this machine only checks names of its own network; otherwise check its name servers';

/** @param host one of a target; null asks for example.org */
export async function checkResolver(host: string | null, createNames = createNameResolver): Promise<Finding> {
  const name = 'resolver';
  const asked = host ?? 'example.org';
  const names = createNames();
  const resolution = await names.resolve(asked, AbortSignal.timeout(RESOLVING_MS_MAX));
  names.close();
  if (resolution.kind === 'resolved')
    return { name, level: 'ok', says: `${asked} has the address ${resolution.addresses[0]?.address}` };
  const { cause, detail } = resolution;
  const isOurs = cause === 'resolver_unavailable';
  return {
    name,
    level: isOurs ? 'fail' : 'warn',
    says: `${asked}${host === null ? ' (an example)' : ''}: ${cause}: ${detail}`,
    remedy: host === null && !isOurs ? EXAMPLE_REMEDY : aboutCause(cause).remedy,
  };
}
