// A bare client that check.ts is compared with: asks a URL so many times a second, until its parent lets go of it.
// node bench/check/client.ts CLIENT URL RATE CA-FILE yes|no, whether connections are kept alive
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import got from 'got';

const [client = '', url = '', rate = '1', caFile = '', isKept = 'no'] = process.argv.slice(2);
const keepAlive = isKept === 'yes';
const agents = {
  http: new http.Agent({ keepAlive }),
  https: new https.Agent({
    keepAlive,
    maxCachedSessions: 0,
    secureContext: tls.createSecureContext({ ca: readFileSync(caFile, 'utf8') }),
  }),
};
const isTls = url.startsWith('https:');
const ignore = (): void => {};

const CLIENTS: Readonly<Record<string, () => void>> = {
  node: () => {
    const request = (isTls ? https : http).request(url, { agent: isTls ? agents.https : agents.http });
    request.on('error', ignore).on('response', response => response.resume());
    request.end();
  },
  got: () => {
    const stream = gotClient.stream(url);
    stream.on('error', ignore).resume();
  },
};
const gotClient = got.extend({ agent: agents, retry: { limit: 0 }, throwHttpErrors: false });

const ask = CLIENTS[client] ?? ignore;
const startedAtMs = performance.now();
let asked = 0;
setInterval(() => {
  const due = ((performance.now() - startedAtMs) * Number(rate)) / 1_000;
  for (; asked < due; asked++) ask();
}, 5);
process.send?.('asking');
process.once('disconnect', () => process.exit());
