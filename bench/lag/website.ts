// The website for lag.ts, in its own process, so that its work does not delay the measurements.
// node bench/lag/website.ts PERCENT-SLOW: this percentage of answers comes after 5 to 30 s, the others at once
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../../scripts/support/random.ts';

const slowPercent = Number(process.argv[2] ?? 0);
const random = seededRandom(1);
const server = createServer((_request, response) => {
  const isSlow = random() * 100 < slowPercent;
  if (!isSlow) return response.end('all is well');
  const timer = setTimeout(() => response.end('at last'), 5_000 + random() * 25_000);
  response.once('close', () => clearTimeout(timer));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
