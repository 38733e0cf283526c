// The bare client that check.ts compares with: requests a URL at a fixed rate until its parent disconnects.
// node bench/check/client.ts URL RATE CA-FILE yes|no (whether it keeps connections alive)
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

const [url = '', rate = '1', caFile = '', isKept = 'no'] = process.argv.slice(2);
const keepAlive = isKept === 'yes';
const isTls = url.startsWith('https:');
const { request } = isTls ? https : http;
const agent = isTls
  ? new https.Agent({
      keepAlive,
      maxCachedSessions: 0,
      secureContext: tls.createSecureContext({ ca: readFileSync(caFile, 'utf8') }),
    })
  : new http.Agent({ keepAlive });

/** The same exchange as a check's: the same headers, and the body as text. */
const headers = {
  'user-agent': 'website-monitor',
  accept: '*/*',
  'accept-encoding': 'gzip, deflate, br, zstd',
};

const ask = (): void => {
  const asked = request(url, { agent, headers });
  asked
    .on('error', () => {})
    .on('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => Buffer.concat(chunks).toString());
    });
  asked.end();
};

const startedAtMs = performance.now();
let asked = 0;
setInterval(() => {
  const due = ((performance.now() - startedAtMs) * Number(rate)) / 1_000;
  for (; asked < due; asked++) ask();
}, 5);
process.send?.('asking');
process.once('disconnect', () => process.exit());
