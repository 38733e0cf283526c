/**
 * Runs in a folder in which the package is installed: what an embedded monitor does to its process,
 * from the first import to after the unsubscribe. Ends by itself, with one line of JSON.
 */
import { fileURLToPath } from 'node:url';

const [dsn = '', url = ''] = process.argv.slice(2);

const handlers = (): string[] => process.eventNames().map(String).sort();
const before = handlers();

/** Of which file asks for which variable; Node and other packages do, too. */
const reads: string[] = [];
process.env = new Proxy(process.env, {
  get: (environment, name) => {
    const caller = new Error().stack?.split('\n')[2] ?? '';
    if (caller.includes('/website-monitor/')) reads.push(String(name));
    return environment[String(name)];
  },
});

const { createMonitor } = await import('website-monitor');
const privateTargets = { all: false, ranges: ['127.0.0.1'] };
const running = createMonitor({
  dsn,
  websites: [{ url, pattern: { text: 'a+b', mustMatch: true } }],
  privateTargets,
});

const isFromPackage = fileURLToPath(import.meta.resolve('website-monitor')).includes('/node_modules/');
const subscription = running.subscribe(({ recorded }) => {
  const during = handlers();
  subscription.unsubscribe();
  const outcomes = recorded.map(({ verdict }) => verdict.outcome);
  console.log(JSON.stringify({ isFromPackage, outcomes, handlersAdded: added(during), reads }));
});

const added = (now: readonly string[]): string[] => now.filter(name => !before.includes(name));
