import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstValueFrom } from 'rxjs';
import type { Target } from '../domain/target/target.ts';
import { defaultAuthorities } from '../net/connection/trust.ts';
import { createFetch } from './create-fetch.ts';

/** The first round loads the code, the second compiles it. */
const ROUNDS = 2;
const TIMEOUT_MS = 1_000;

/**
 * Fetches from a local server with the settings of `target`. The first fetch of a process takes some 30 ms longer, which
 * its phases would blame on the website.
 */
export async function warmUp(target: Target): Promise<void> {
  const server = http.createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>ready</p>'),
  );
  const fetch = createFetch({
    resolve: () => Promise.reject(new Error('the warm-up has no name to resolve')),
    privateTargets: { all: false, ranges: ['127.0.0.1'] },
  });
  defaultAuthorities();
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    for (let round = 0; round < ROUNDS; round++) {
      // The server does not speak TLS: the handshake fails, but its code is loaded.
      for (const url of [`http://127.0.0.1:${port}/`, `https://127.0.0.1:${port}/`])
        await firstValueFrom(fetch({ ...target, url, ipFamily: null }, performance.now() + TIMEOUT_MS));
    }
  } catch {
    // no free port: the phases will be a little longer
  } finally {
    server.close();
  }
}
