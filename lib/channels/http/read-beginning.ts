import type { Readable } from 'node:stream';

/** Enough for a receiver to say what is wrong. */
const BYTES_MAX = 64 * 1024;
/** The status has decided already; what a receiver says besides is not worth more time. */
const WAIT_MS_MAX = 1_000;

/** Reads the beginning of a body as text: until it ends, breaks off, is long enough, or takes too long. Never rejects. */
export const readBeginning = (body: Readable): Promise<string> =>
  new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      body.off('data', onData).pause();
      resolve(Buffer.concat(chunks).subarray(0, BYTES_MAX).toString('utf8'));
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BYTES_MAX) finish();
    };
    const timer = setTimeout(finish, WAIT_MS_MAX);
    body.on('data', onData).once('end', finish).once('error', finish).once('close', finish);
  });
