import zlib from 'node:zlib';
import { expect } from 'chai';
import { type ResponseReading, readResponse } from '../../../lib/probe/exchange/read-response.ts';
import { toBytes } from '../../support/hostile/misbehaviour.ts';

interface Reading extends Pick<ResponseReading, 'isReusable'> {
  /** What was read, in a few words */
  readonly told: string;
}

/** Reads `text`, a character for each byte, in pieces of `size` bytes. */
function read(text: string, size: number): Reading {
  const events: string[] = [];
  let body = '';
  let linesLeft = 20;
  const reading = readResponse('GET', {
    onHead: ({ status, headers }) => events.push(`${status} ${JSON.stringify(headers)}`),
    onBody: bytes => {
      body += bytes.toString('latin1');
    },
    onEnd: () => events.push('end'),
    onBroken: detail => events.push(detail),
    onFlood: () => events.push('flood'),
    takeLines: lines => {
      linesLeft -= lines;
      return linesLeft >= 0;
    },
  });
  const bytes = Buffer.from(toBytes(text));
  for (let at = 0; at < bytes.length; at += size) reading.read(bytes.subarray(at, at + size));
  return { told: [...events, body].join('; '), isReusable: reading.isReusable };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKS = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const GZIP = zlib.gzipSync('whole').toString('latin1');

describe('A response', () => {
  const RESPONSES: readonly (readonly [what: string, text: string, told: string])[] = [
    ['with a length', `${OK}Content-Length: 2\r\n\r\nok`, '200 {"content-length":"2"}; end; ok'],
    [
      'with LF for line ends',
      'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
      '200 {"content-length":"2"}; end; ok',
    ],
    ['without a body', 'HTTP/1.1 204 None\r\n\r\nbody', '204 {}; end; '],
    ['of open length', `${OK}\r\nopen`, '200 {}; open'],
    [
      'in chunks',
      `${CHUNKS}3 ;a\r\none\r\n3\nTwo\r\n0\r\nA: b\r\n\r\nexcess`,
      '200 {"transfer-encoding":"chunked"}; end; oneTwo',
    ],
    [
      'in no chunks',
      `${CHUNKS}no chunks`,
      '200 {"transfer-encoding":"chunked"}; the body is not sent in chunks as announced; ',
    ],
    ['after announcements', `\r\nHTTP/1.1 100 \r\n\r\nHTTP/1.1 103 \nA: b\n\n${OK}\r\nhere`, '200 {}; here'],
    ['with a folded header', `${OK}Location: a\r\n\tb\r\n c\r\n\r\n`, '200 {"location":"a b c"}; '],
    ['with more than twenty lines', `${OK}${'A: b\r\n'.repeat(19)}\r\n`, 'flood; '],
    ['with more than twenty lines in all', `${'HTTP/1.1 103 \r\nA:\r\n\r\n'.repeat(10)}${OK}\r\n`, 'flood; '],
    ['with two cookies', `${OK}Set-Cookie: a\r\nset-cookie: b\r\n\r\n`, '200 {"set-cookie":["a","b"]}; '],
    ['that is a page', '<html>', 'the response is not HTTP; '],
    ['with a line that is no header', `${OK}nonsense\r\n\r\n`, 'a header without a colon; '],
    [
      'with two lengths',
      `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      'the response has several lengths; ',
    ],
    [
      'with a body of bytes',
      `${OK}Content-Length: ${GZIP.length}\r\n\r\n${GZIP}`,
      `200 {"content-length":"${GZIP.length}"}; end; ${GZIP}`,
    ],
  ];
  for (const [what, text, told] of RESPONSES) {
    it(`${what} is read alike, however it is cut into packets`, () => {
      for (const size of [1, 2, 3, 7, 1_000])
        expect(read(text, size).told, `in pieces of ${size}`).to.equal(told);
    });
  }

  const REUSABLE: readonly (readonly [text: string, isReusable: boolean])[] = [
    [`${OK}Content-Length: 2\r\n\r\nok`, true],
    [`${OK}Content-Length: 2\r\n\r\no`, false],
    [`${OK}Content-Length: 2\r\n\r\nok!`, false],
    [`${OK}Content-Length: 2\r\nConnection: Keep-Alive, Close\r\n\r\nok`, false],
    [`${CHUNKS}0\r\n\r\n`, true],
    [`${OK}\r\n`, false],
    ['HTTP/1.1 204 None\r\n\r\n', true],
    ['HTTP/1.1 204 None\r\n\r\nbody', false],
    ['HTTP/1.0 204 None\r\n\r\n', false],
    ['HTTP/1.0 204 None\r\nConnection: keep-alive\r\n\r\n', true],
  ];
  for (const [text, isReusable] of REUSABLE) {
    it(`${isReusable ? 'leaves' : 'does not leave'} its connection to another: ${JSON.stringify(text)}`, () =>
      expect(read(text, 1).isReusable()).to.equal(isReusable));
  }
});
