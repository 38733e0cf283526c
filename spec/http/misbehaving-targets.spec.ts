import zlib from 'node:zlib';
import { expect } from 'chai';
import type { Answer } from '../../lib/domain/answer.ts';
import type { Cause } from '../../lib/domain/cause.ts';
import { answered, failed, fetcherWith, phasesOf } from '../support/fetching.ts';
import type { Act, ScriptedWebsite } from '../support/scripted-website.ts';
import {
  hang,
  reset,
  respond,
  sendEndlessly,
  sendRaw,
  sendRawAndEnd,
  startScriptedWebsite,
} from '../support/scripted-website.ts';

/** For targets that only the deadline ends. */
const BUDGET_MS = 300;
const CAP_BYTES = 64 * 1024;

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const NINE_BYTES = `${OK}Content-Length: 9\r\n\r\n`;
const zeros = Buffer.alloc(16 * 1024 * 1024);
const coded = (coding: string, body: Uint8Array | string): Act =>
  respond({ body, headers: { 'content-encoding': coding } });

type Case = readonly [what: string, cause: Cause, act: Act];

const WITHOUT_HEADERS: readonly Case[] = [
  ['resets the connection', 'connection_reset', reset],
  ['closes without a word', 'connection_reset', sendRawAndEnd('')],
  ['sends half a status line and closes', 'connection_reset', sendRawAndEnd('HTTP/1.1 20')],
  ['accepts and stays silent', 'response_timeout', hang],
  ['sends half a status line', 'response_timeout', sendRaw('HTTP/1.1 20')],
  ['sends its headers byte by byte', 'response_timeout', sendEndlessly(OK, 'x', 20)],
  ['floods with 1xx', 'response_timeout', sendEndlessly('', 'HTTP/1.1 102 Wait\r\n\r\n'.repeat(500))],
  ['sends 1xx now and then', 'response_timeout', sendEndlessly('', 'HTTP/1.1 103 Hints\r\n\r\n', 20)],
  ['sends 100 and no more', 'response_timeout', sendRaw('HTTP/1.1 100 Continue\r\n\r\n')],
  [
    'switches protocols',
    'protocol_error',
    sendRaw(`HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n`),
  ],
  ['does not speak HTTP', 'protocol_error', sendRaw('SSH-2.0-OpenSSH_9.7\r\n')],
  ['speaks another HTTP', 'protocol_error', sendRaw('HTTP/3.7 200 OK\r\n\r\n')],
  ['sends two lengths', 'protocol_error', sendRaw(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`)],
  ['sends a length and chunks', 'protocol_error', sendRaw(`${OK}Content-Length: 1\r\n${CHUNKED.slice(17)}`)],
  ['sends a header without a name', 'protocol_error', sendRaw(`${OK}: nameless\r\n\r\n`)],
  ['sends NUL in a header', 'protocol_error', sendRaw(`${OK}A: b\u0000c\r\n\r\n`)],
  ['sends a header of 100 KB', 'protocol_error', sendRaw(`${OK}A: ${'b'.repeat(100_000)}\r\n\r\n`)],
  ['sends headers without end', 'protocol_error', sendEndlessly(OK, `A: ${'b'.repeat(100)}\r\n`)],
  ['sends status 000', 'protocol_error', sendRawAndEnd('HTTP/1.1 000 Zero\r\n\r\n')],
  ['sends status 099', 'protocol_error', sendRawAndEnd('HTTP/1.1 099 Low\r\n\r\n')],
  ['sends status 600', 'protocol_error', sendRawAndEnd('HTTP/1.1 600 High\r\n\r\n')],
  ['sends status 999', 'protocol_error', sendRawAndEnd('HTTP/1.1 999 Denied\r\n\r\n')],
  ['sends a status of words', 'protocol_error', sendRawAndEnd('HTTP/1.1 fine Fine\r\n\r\n')],
];

const IN_THE_BODY: readonly Case[] = [
  ['sends headers and no body', 'transfer_timeout', sendRaw(NINE_BYTES)],
  ['breaks off in the body', 'connection_reset', sendRawAndEnd(`${NINE_BYTES}half`)],
  ['breaks off in a chunk', 'connection_reset', sendRawAndEnd(`${CHUNKED}9\r\nhalf`)],
  ['sends a broken chunk', 'protocol_error', sendRaw(`${CHUNKED}zz\r\n`)],
  ['uses an unknown coding', 'protocol_error', coded('klingon', 'a')],
  ['stacks one coding on another', 'protocol_error', coded('gzip, gzip', zlib.gzipSync(zlib.gzipSync('a')))],
  ['says gzip and sends text', 'protocol_error', coded('gzip', 'text')],
  ['says deflate and sends text', 'protocol_error', coded('deflate', 'text, not deflate')],
  ['says br and sends text', 'protocol_error', coded('br', 'text, not brotli')],
  ['says zstd and sends text', 'protocol_error', coded('zstd', 'text')],
  ['sends half a gzip', 'protocol_error', coded('gzip', zlib.gzipSync('whole').subarray(0, 12))],
];

const CONTRADICTS: readonly Case[] = [
  ['sends a body with status 204', 'protocol_error', sendRaw('HTTP/1.1 204 None\r\n\r\nbody')],
];

const CUT: readonly (readonly [what: string, act: Act])[] = [
  ['an endless body', sendEndlessly(`${OK}\r\n`, 'x'.repeat(10_000))],
  ['an endless body in chunks of one byte', sendEndlessly(CHUNKED, '1\r\nx\r\n'.repeat(1000))],
  [
    'an endless body with a 302 that leads nowhere',
    sendEndlessly('HTTP/1.1 302 Found\r\n\r\n', 'x'.repeat(10_000)),
  ],
  ['a body one byte every 20 ms', sendEndlessly(`${OK}\r\n`, 'x', 20)],
  ['a gzip bomb', coded('gzip', zlib.gzipSync(zeros))],
  ['a deflate bomb', coded('deflate', zlib.deflateSync(zeros))],
  ['a bare deflate bomb', coded('deflate', zlib.deflateRawSync(zeros))],
  [
    'a brotli bomb',
    coded('br', zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } })),
  ],
  ['a zstd bomb', coded('zstd', zlib.zstdCompressSync(zeros))],
];

describe('A target that misbehaves', () => {
  let website: ScriptedWebsite;
  const fetchOnce = fetcherWith({ bodyBytesMax: CAP_BYTES });

  before(async () => {
    const rows = [...WITHOUT_HEADERS, ...IN_THE_BODY, ...CONTRADICTS].map(
      ([what, , act]) => [what, act] as const,
    );
    const acts = [...rows, ...CUT].map(([what, act]) => [pathOf(what), act] as const);
    website = await startScriptedWebsite({ acts: Object.fromEntries(acts) });
  });
  after(() => website.close());

  /** Ends by its deadline, give or take what a busy machine takes, and frees its socket. */
  const fetchCase = async (what: string): Promise<Answer> => {
    const beganMs = performance.now();
    const answer = await fetchOnce(website.origin + pathOf(what), {}, BUDGET_MS);
    expect(performance.now() - beganMs).to.be.below(BUDGET_MS + 1_000);
    await website.allClosed();
    return answer;
  };

  const failsWith = async (what: string, cause: Cause, httpStatus: number | null): Promise<void> => {
    const failure = failed(await fetchCase(what));
    expect(failure, failure.detail).to.include({ cause, httpStatus });
    expect(failure.detail).to.have.lengthOf.within(1, 500);
    expect(phasesOf(failure.phases)).to.include.members(['connect', 'ttfb']);
  };

  for (const [what, cause] of WITHOUT_HEADERS) {
    it(`${what}: ${cause}`, () => failsWith(what, cause, null));
  }
  for (const [what, cause] of IN_THE_BODY) {
    it(`${what}: ${cause} after status 200`, () => failsWith(what, cause, 200));
  }
  for (const [what, cause] of CONTRADICTS) {
    it(`${what}: ${cause}`, () => failsWith(what, cause, 204));
  }
  for (const [what] of CUT) {
    it(`sends ${what}: judged on what came, and marked as cut`, async () => {
      const answer = answered(await fetchCase(what));
      expect(answer.bodyCut).to.equal(true);
      expect(answer.body).to.have.lengthOf.within(1, CAP_BYTES);
    });
  }
});

const pathOf = (what: string): string => `/${encodeURIComponent(what)}`;
