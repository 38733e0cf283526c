import { buffer } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { expect } from 'chai';
import { createGunzip } from '../../../lib/probe/body/gunzip.ts';

const TEXT = 'some text '.repeat(500);
const GZIP = zlib.gzipSync(TEXT);

/** Writes `bytes` in pieces of `size`, each once the one before is taken. */
async function gunzip(bytes: Buffer, size: number): Promise<string> {
  const stream = createGunzip();
  const text = buffer(stream);
  for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
  stream.end();
  return (await text).toString();
}

describe('gunzip', () => {
  const CASES: readonly (readonly [what: string, bytes: Buffer, text: string])[] = [
    ['a whole body', GZIP, TEXT],
    ['two members', Buffer.concat([GZIP, GZIP]), TEXT + TEXT],
    ['a member and other bytes', Buffer.concat([GZIP, Buffer.from('other bytes')]), TEXT],
    ['a body without its trailer', GZIP.subarray(0, -8), TEXT],
  ];
  for (const [what, bytes, text] of CASES) {
    it(`decodes ${what}, however it is cut into packets`, async () => {
      for (const size of [1, 7, 1_000, 100_000]) expect(await gunzip(bytes, size)).to.equal(text);
    });
  }

  it('decompresses no more than is read', async () => {
    const stream = createGunzip();
    await new Promise(resolve => {
      stream.once('readable', resolve);
      stream.write(zlib.gzipSync(Buffer.alloc(16 * 1024 * 1024)));
    });
    await new Promise(setImmediate);
    expect(stream.readableLength).to.be.below(1024 * 1024);
    stream.destroy();
  });

  it('starts no decompressor for more than eight members', async () => {
    const members = Buffer.concat(Array<Buffer>(200).fill(zlib.gzipSync('a')));
    expect(await gunzip(members, members.length)).to.equal('a'.repeat(8));
  });
});
