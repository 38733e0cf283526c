/** Runs the main benchmarks, or one: npm run bench [-- NAME [flags]]. Each tells its flags for --help. */
const BENCHMARKS: Readonly<Record<string, string>> = {
  pickup: 'from the insert to the request at the target, next to a bare LISTEN-and-fetch script',
  check: 'CPU of one check, next to bare node:http and to blackbox_exporter’s probe',
  lag: 'schedule lag and missed slots: 10,000 targets, a slow website, a worker killed, ever more a second',
  scale: 'a thousand targets to a million: statements, memory, start-up, bulk changes',
  workers: 'checks a second with 1, 2, 4 and 8 workers on one database',
  plans: 'buffers that each statement touches per row, from a thousand targets to a million',
  schedule: '2,000 targets for minutes on one worker and on two: slots missed, lag, CPU a check',
  throughput: 'lease and record alone: CPU, WAL and stored bytes a check',
  storage: 'bytes of checks and rollups, a year of them, and milliseconds of uptime and latency',
  idle: 'statements a minute of a worker with nothing to do',
  pace: 'what waiting for neighbours costs in lag and saves in CPU',
  'fetch-cpu': 'CPU of one fetch, next to bare node:http',
  phases: 'phases of a check next to what curl tells of the same server',
  beside: 'what healthy targets notice of broken names and of a hostile website',
  matching: 'CPU of one search in a body',
};

/** What is run where none is named: about half an hour, on a machine that does nothing else. */
const MAIN = ['pickup', 'check', 'lag', 'scale', 'storage', 'workers'];

const [name] = process.argv.splice(2, 1); // the benchmark reads its own flags from there
if (name === undefined) {
  for (const each of MAIN) {
    console.log(`\n${each}: ${BENCHMARKS[each]}`);
    await import(`./${each}.ts`);
  }
} else if (Object.hasOwn(BENCHMARKS, name)) await import(`./${name}.ts`);
else {
  const lines = Object.entries(BENCHMARKS).map(([name, what]) => `  ${name.padEnd(10)} ${what}`);
  console.error(
    `npm run bench, for ${MAIN.join(', ')}; or npm run bench -- NAME, where NAME is one of\n${lines.join('\n')}`,
  );
  process.exitCode = 2;
}
