import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readDotEnv } from '../../lib/app/process/read-dot-env.ts';
import { mergeEnvironment } from '../../lib/config/sources.ts';
import { decodeText } from '../../lib/files/decode-text.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TEXT = 'WEBSITE_MONITOR_DSN=postgres://h/d\nWEBSITE_MONITOR_WORKER_ID=käfer\n';
const LITTLE = Buffer.from(TEXT, 'utf16le');
const BIG = Buffer.from(LITTLE).swap16();

const ENCODED = [
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`)],
  ['UTF-16 with a mark, little end first', Buffer.concat([Buffer.of(0xff, 0xfe), LITTLE])],
  ['UTF-16 with a mark, big end first', Buffer.concat([Buffer.of(0xfe, 0xff), BIG])],
  ['UTF-16 without a mark, little end first', LITTLE],
  ['UTF-16 without a mark, big end first', BIG],
] as const;

describe('A text file', () => {
  for (const [encoding, bytes] of ENCODED)
    it(`is read in ${encoding}`, () => expect(decodeText(bytes)).to.equal(TEXT));

  it('may be empty', () => expect(decodeText(Buffer.of())).to.equal(''));
});

describe('.env', () => {
  let folder: string;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => rm(folder, { recursive: true }));

  for (const [encoding, bytes] of ENCODED)
    it(`keeps its first variable in ${encoding}`, async () => {
      const path = join(folder, '.env');
      await writeFile(path, bytes);
      const read = readDotEnv(path);
      expect('text' in read && mergeEnvironment(read.text, {})).to.deep.equal({
        WEBSITE_MONITOR_DSN: 'postgres://h/d',
        WEBSITE_MONITOR_WORKER_ID: 'käfer',
      });
    });

  it('reads a missing file as empty, and reports an unreadable one', () => {
    expect(readDotEnv(join(folder, 'none'))).to.deep.equal({ text: '' });
    expect(readDotEnv(folder)).to.deep.equal({ problem: `${folder}: cannot be read (EISDIR)` });
  });
});
