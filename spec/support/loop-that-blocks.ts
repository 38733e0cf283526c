/**
 * To be imported by a process before anything else: on SIGUSR2 its event loop stands still for
 * BLOCKED_MS, as under a computation without an end.
 */
import { writeSync } from 'node:fs';

process.on('SIGUSR2', () => {
  writeSync(1, `${JSON.stringify({ level: 'info', message: 'blocked' })}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.BLOCKED_MS));
});
