/** Writes 20 MB of log to stdout, and what waits and is lost of it to stderr; ends once all is read. */
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { createLog } from '../../lib/log/create-log.ts';

const log = createLog({ logging: { type: 'prod' }, workerId: 'flood', enableTracing: false });
let linesLost = 0;
log.lineLost.subscribe(() => {
  linesLost += 1;
});
const message = 'x'.repeat(400);
for (let n = 0; n < 40_000; n += 1) {
  log.info(message, { n });
  if (n % 1_000 === 0) await setImmediate();
}
await setImmediate(); // what failed is told in the next tick
writeSync(2, `${JSON.stringify({ waitingBytes: process.stdout.writableLength, linesLost })}\n`);
