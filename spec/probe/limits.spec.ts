import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import sinon from 'sinon';
import type { Answer } from '../../lib/domain/check/answer.ts';
import { createFetch } from '../../lib/probe/create-fetch.ts';
import { aTarget } from '../support/a-target.ts';
import { ANY_ADDRESS, answered, failed, fetcherWith } from '../support/fetching.ts';
import type { ScriptedWebsite } from '../support/scripted-website.ts';
import { respond, sendRaw, startScriptedWebsite } from '../support/scripted-website.ts';

const MIB = 1024 * 1024;
const CAP_BYTES = 32 * MIB;

/** Compresses `mib` MiB of zeros without holding them. */
async function compressZeros(compressor: zlib.Gzip | zlib.ZstdCompress | zlib.BrotliCompress, mib: number) {
  const chunks: Buffer[] = [];
  compressor.on('data', chunk => chunks.push(chunk));
  const ended = once(compressor, 'end');
  for (let written = 0; written < mib; written++) {
    if (!compressor.write(Buffer.alloc(MIB))) await once(compressor, 'drain');
  }
  compressor.end();
  await ended;
  return Buffer.concat(chunks);
}

describe('The limits of a fetch', () => {
  let website: ScriptedWebsite | undefined;
  afterEach(async () => {
    await website?.close();
    website = undefined;
  });

  const BOMBS = {
    gzip: () => zlib.createGzip({ level: 1 }),
    br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
    zstd: () => zlib.createZstdCompress(),
  };
  for (const [coding, createCompressor] of Object.entries(BOMBS)) {
    it(`hold against 256 MiB in ${coding}: memory grows by less than twice the cap`, async () => {
      const body = await compressZeros(createCompressor(), 256);
      website = await startScriptedWebsite({
        acts: { '*': respond({ body, headers: { 'content-encoding': coding } }) },
      });
      const beforeBytes = process.memoryUsage.rss();
      let mostBytes = 0;
      const watch = setInterval(() => {
        mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
      }, 1);
      const answer = answered(await fetcherWith({ bodyBytesMax: CAP_BYTES })(website.origin));
      clearInterval(watch);
      expect(answer).to.have.property('bodyCut', true);
      expect(answer.body).to.have.lengthOf(CAP_BYTES);
      expect(Math.max(mostBytes, process.memoryUsage.rss()) - beforeBytes).to.be.below(2 * CAP_BYTES);
    });
  }

  it('cover what precedes responses in all attempts of a check together, and in no other check', async () => {
    const hints = 'HTTP/1.1 103 \r\n\r\n'.repeat(8_000);
    const bytes = `${hints}HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n`;
    website = await startScriptedWebsite({ acts: { '*': sendRaw(bytes) } });
    const target = aTarget({ url: website.origin });
    const fetch = createFetch({ privateTargets: ANY_ADDRESS });
    const attempt = (check: object, timeoutMs: number): Promise<Answer> =>
      firstValueFrom(fetch(target, performance.now() + timeoutMs, true, 10_000, check));
    const check = {};
    expect(answered(await attempt(check, 5_000))).to.have.property('httpStatus', 500);
    expect(failed(await attempt(check, 300))).to.have.property('cause', 'response_timeout');
    expect(answered(await attempt({}, 5_000))).to.have.property('httpStatus', 500);
  });

  it('hold for all bodies together: the slowest gives way as unknown, and quick ones are read', async () => {
    const slow = `HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(40_000)}`;
    website = await startScriptedWebsite({
      acts: { '/slow': sendRaw(slow), '*': respond({ body: 'x'.repeat(50_000) }) },
    });
    const { origin } = website;
    const onBodyGivenUp = sinon.fake();
    const fetch = createFetch({ privateTargets: ANY_ADDRESS, bodiesBytesMax: 100_000, onBodyGivenUp });
    const read = (path: string, timeoutMs: number): Promise<Answer> =>
      firstValueFrom(fetch(aTarget({ url: origin + path }), performance.now() + timeoutMs, true, 10_000));
    const slowest = read('/slow', 60_000);
    await website.nextRequest();
    const cut = read('/slow', 1_000);
    expect(answered(await read('/quick', 60_000)).body).to.have.lengthOf(50_000);
    expect(failed(await slowest)).to.include({
      cause: 'worker_stalled',
      detail: 'this worker held too many bodies that arrived slowly',
    });
    expect(onBodyGivenUp.callCount).to.equal(1);
    expect(answered(await cut), 'which had room').to.have.property('bodyCut', true);
    expect(answered(await read('/slow', 300)), 'once the others have ended').to.have.property(
      'bodyCut',
      true,
    );
  });

  it('report a lack of file descriptors as out_of_resources', async () => {
    website = await startScriptedWebsite({ acts: { '*': respond() } });
    const script = join(import.meta.dirname, '../support/fetch-without-descriptors.ts');
    const command = 'ulimit -n 64; exec "$0" "$@"';
    const child = spawn('/bin/sh', ['-c', command, process.execPath, script, website.origin], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [answer] = (await once(child, 'message')) as [Answer];
    expect(failed(answer)).to.have.property('cause', 'out_of_resources');
  });
});
