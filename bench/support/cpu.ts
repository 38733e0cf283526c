import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

/** Linux's unit of CPU time */
const TICK_MS = 10;

interface ProcessTimes {
  readonly parentPid: number;
  readonly ownMs: number;
  /** Of children that have ended */
  readonly endedChildrenMs: number;
}

/** CPU time of a process: user and system, all threads, in ms. Needs Linux's /proc. */
export const cpuMsOf = (pid: number): number => timesOf(pid)?.ownMs ?? Number.NaN;

/** CPU time of the whole server behind `psql`, with background processes. The server must run on this machine. */
export async function postgresCpuMs(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query('SELECT pg_backend_pid() AS pid');
  const postmaster = timesOf(rows[0].pid)?.parentPid ?? Number.NaN;
  const all = readdirSync('/proc').flatMap(name =>
    /^\d+$/.test(name) ? [[Number(name), timesOf(Number(name))]] : [],
  );
  return (all as [number, ProcessTimes | undefined][]).reduce((sum, [pid, times]) => {
    if (pid === postmaster) return sum + (times?.ownMs ?? 0) + (times?.endedChildrenMs ?? 0);
    return times?.parentPid === postmaster ? sum + times.ownMs : sum;
  }, 0);
}

function timesOf(pid: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number); // from the third field on; a name may contain spaces
    const [parentPid = 0] = fields.slice(1);
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11);
    return {
      parentPid,
      ownMs: (user + system) * TICK_MS,
      endedChildrenMs: (childrenUser + childrenSystem) * TICK_MS,
    };
  } catch {
    return undefined; // it has ended
  }
}
