import net from 'node:net';
import zlib from 'node:zlib';
import { expect } from 'chai';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { type Random, randomInteger, seededRandom } from '../../scripts/support/random.ts';
import { checkerWith } from '../support/checking.ts';
import { listenTracked } from '../support/tracked-server.ts';

const RESPONSES = 2_000;
const AT_ONCE = 20;
const BUDGET_MS = 60;

const OK = 'HTTP/1.1 200 OK\r\n';
const coded = (coding: string, body: Uint8Array): string =>
  `${OK}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n${Buffer.from(body).toString('latin1')}`;

const SOUND = [
  `${OK}Content-Length: 5\r\n\r\nhello`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n`,
  `HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n${OK}Content-Type: text/html; charset=utf-16\r\n\r\nhello`,
  'HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=b; Path=/; Domain=127.0.0.1\r\n\r\n',
  'HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  'HTTP/1.1 204 None\r\nSet-Cookie: a=b\r\n\r\n',
  coded('gzip', zlib.gzipSync('hello hello')),
  coded('br', zlib.brotliCompressSync('hello hello')),
  coded('zstd', zlib.zstdCompressSync('hello hello')),
];

const PIECES = [
  ...['\r\n', '\n', '\r', '\0', ' ', ':', ';', ',', '-', '0', 'f', '\xff', '%', '99999999999999999999', OK],
  ...['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Encoding: br\r\n'],
  ...['Location: http://[\r\n', 'Location: //\xff\r\n', 'Set-Cookie: \xff=;;Domain=;Path\r\n'],
  ...['Content-Type: a; charset="\r\n', 'Upgrade: x\r\nConnection: Upgrade\r\n'],
];

/** One of `SOUND` after one to four changes: a byte replaced, a piece put in, some bytes left out or repeated. */
function mangled(random: Random): Buffer {
  const below = (count: number): number => randomInteger(random, { min: 0, max: count - 1 });
  let text = SOUND[below(SOUND.length)] ?? '';
  for (let changes = below(4); changes >= 0; changes--) {
    const at = below(text.length + 1);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const ways = [
      before + String.fromCharCode(below(256)) + after.slice(1),
      before + PIECES[below(PIECES.length)] + after,
      before + after.slice(1 + below(8)),
      before + after.slice(0, below(40)) + after,
    ];
    text = ways[below(ways.length)] ?? '';
  }
  return Buffer.from(text, 'latin1');
}

describe('Responses that are mangled', () => {
  it(`are the website’s fault, told in clean words, and leave nothing open: ${RESPONSES} of them`, async () => {
    const random = seededRandom(1);
    const server = net.createServer(socket => {
      socket.resume().once('data', () => {
        const bytes = mangled(random);
        const endings = [() => socket.end(), () => socket.resetAndDestroy(), () => {}];
        socket.write(bytes, endings[randomInteger(random, { min: 0, max: 2 })]);
      });
    });
    const tracked = await listenTracked(server);
    const check = checkerWith({ bodyBytesMax: 1_000 });
    const url = `http://127.0.0.1:${tracked.port}/`;
    const checks = from(Array(RESPONSES).keys()).pipe(
      mergeMap(() => check(url, {}, BUDGET_MS), AT_ONCE),
      toArray(),
    );
    for (const { verdict } of await lastValueFrom(checks)) {
      if (verdict.outcome === 'up' || verdict.cause === 'worker_stalled') continue; // says nothing of a response
      expect(verdict, verdict.detail).to.have.property('outcome', 'down');
      expect(verdict.detail).to.match(/^[^\p{Cc}\p{Cs}]{1,500}$/u);
    }
    await tracked.allClosed();
    await tracked.close();
  });
});
