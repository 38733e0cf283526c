import { z } from 'zod';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { settingsOrExit, wholeRange } from './support/flags.ts';
import { startMockServer } from './support/mock-server.ts';

const PURPOSE =
  'A website for experiments: every path answers, after a delay, with random lower-case letters.';
const DELAY_MS_MAX = 86_400_000;

const delayRange = wholeRange(0, DELAY_MS_MAX);

const settings = settingsOrExit(PURPOSE, {
  host: { rule: z.string().min(1, 'must not be empty'), fallback: '127.0.0.1', meaning: 'where to listen' },
  port: { rule: wholeNumber(0, 65_535), fallback: '8080', meaning: 'where to listen; 0 = any free port' },
  'fast-percent': { rule: wholeNumber(0, 100), fallback: '90', meaning: 'how many of 100 answers are fast' },
  'fast-ms': {
    rule: delayRange,
    fallback: '5-500',
    meaning: 'how long a fast answer takes, in milliseconds',
  },
  'slow-ms': { rule: delayRange, fallback: '5000-30000', meaning: 'how long any other answer takes' },
  status: { rule: wholeNumber(200, 599), fallback: '200', meaning: 'status of every answer' },
  'body-length': { rule: wholeNumber(0, 100_000_000), fallback: '100', meaning: 'letters in a body' },
  seed: {
    rule: wholeNumber(0, 2 ** 32 - 1),
    fallback: '1',
    meaning: 'the same seed gives the same delays and letters',
  },
});

try {
  const server = await startMockServer({
    host: settings.host,
    port: settings.port,
    fastPercent: settings['fast-percent'],
    fastMs: settings['fast-ms'],
    slowMs: settings['slow-ms'],
    status: settings.status,
    bodyLength: settings['body-length'],
    seed: settings.seed,
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close());
  console.log(`mock server at ${server.url}`);
} catch (error) {
  console.error(`cannot listen on ${settings.host}, port ${settings.port}: ${(error as Error).message}`);
  process.exitCode = 1;
}
