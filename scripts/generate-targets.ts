import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { websiteUrl } from '../lib/targets/target-rules.ts';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit, wholeRange } from './support/flags.ts';
import { targetsScript } from './support/targets-script.ts';

const PURPOSE = `Writes SQL that inserts targets; by default, for the mock server.
To load it: psql DSN -f FILE`;

const STDOUT = '-';
const baseUrl = websiteUrl.refine(url => !/[?#]/.test(url), 'must end before any query or fragment');

const settings = settingsOrExit(PURPOSE, {
  count: { rule: wholeNumber(1, 10_000_000), fallback: '2000', meaning: 'targets' },
  'base-url': { rule: baseUrl, fallback: 'http://127.0.0.1:8080', meaning: 'each target is a path under it' },
  'interval-s': { rule: wholeRange(1, 2_592_000), fallback: '5-300', meaning: 'seconds between two checks' },
  seed: {
    rule: wholeNumber(0, 2 ** 32 - 1),
    fallback: '1',
    meaning: 'the same seed gives the same intervals and patterns',
  },
  output: { rule: z.string().min(1, 'must name a file'), fallback: STDOUT, meaning: 'file; - = stdout' },
});

const script = targetsScript({
  count: settings.count,
  baseUrl: settings['base-url'].replace(/\/+$/, ''),
  intervalSeconds: settings['interval-s'],
  seed: settings.seed,
});

try {
  if (settings.output === STDOUT) await pipeline(script, process.stdout, { end: false });
  else await pipeline(script, createWriteStream(settings.output));
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') process.exit(0); // the reader has seen enough, as in `| head`
  console.error(`cannot write the targets: ${message}`);
  process.exitCode = 1;
}
