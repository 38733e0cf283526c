/** Runs the main benchmarks, or the named one: npm run bench [-- NAME [flags]]. Each shows its flags with --help. */
const BENCHMARKS: Readonly<Record<string, string>> = {
  pickup: 'time from an insert to the request, compared with a bare LISTEN-and-fetch script',
  check: 'CPU of one check, compared with bare node:http and blackbox_exporter’s probe',
  lag: 'schedule lag and missed slots: 10,000 targets, slow websites, a killed worker, rising rates',
  scale: 'a thousand targets to a million: statements, memory, start-up, bulk changes',
  workers: 'checks per second with 1, 2, 4 and 8 workers on one database',
  schedule: '2,000 targets for minutes on one worker and on two: missed slots, lag, CPU per check',
  storage: 'bytes of checks and rollups, also for a year, and time of uptime and latency queries',
  alerts: 'time from a check to the alert at its receiver, and what ten thousand at once cost',
  beside: 'effect of broken names and a hostile website on healthy targets',
  shares: 'effect of a creator with too many targets on one with few',
};

/** Of single parts, in a folder of their own. */
const PARTS: Readonly<Record<string, string>> = {
  plans: 'pages that each statement touches per slot, from a thousand targets to a million',
  throughput: 'lease and record alone: CPU, WAL and stored bytes per check',
  idle: 'statements per minute of an idle worker',
  pace: 'what waiting for larger batches costs in lag and saves in CPU',
  'fetch-cpu': 'CPU of one fetch, compared with bare node:http',
  phases: 'phase durations, compared with curl’s',
  matching: 'CPU of one search in a body',
};

/** Run by default: about half an hour on an idle machine. */
const MAIN = ['pickup', 'check', 'lag', 'scale', 'storage', 'workers'];

const [name] = process.argv.splice(2, 1); // the benchmark reads its own flags from there
if (name === undefined) {
  for (const each of MAIN) {
    console.log(`\n${each}: ${BENCHMARKS[each]}`);
    await import(`./${each}.ts`);
  }
} else if (Object.hasOwn(BENCHMARKS, name)) await import(`./${name}.ts`);
else if (Object.hasOwn(PARTS, name)) await import(`./parts/${name}.ts`);
else {
  const lines = Object.entries({ ...BENCHMARKS, ...PARTS }).map(
    ([name, what]) => `  ${name.padEnd(10)} ${what}`,
  );
  console.error(
    `Run npm run bench for ${MAIN.join(', ')}, or npm run bench -- NAME, where NAME is one of\n${lines.join('\n')}`,
  );
  process.exitCode = 2;
}
