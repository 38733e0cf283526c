import { Duplex } from 'node:stream';
import zlib, { type InflateRaw } from 'node:zlib';
import { gzipHeaderLength } from './gzip-header.ts';

/** The checksum and the length of a member's content, four bytes each. */
const TRAILER_BYTES = 8;

/** Each costs a decompressor. Websites that send more than one are rare. */
const MEMBERS_MAX = 8;

/** Names in headers have no limit of their own. */
const HEADER_BYTES_MAX = 64 * 1024;

type Stage = 'header' | 'content' | 'trailer' | 'excess';
type Done = (error?: Error | null) => void;

/**
 * Decompresses gzip as leniently as curl and browsers: the trailer or more of its end may be missing, and excess bytes
 * that are not gzip are ignored. Decodes up to 8 members. A trailer that contradicts its content is an error.
 *
 * Node's own gunzip takes excess bytes for another member, and fails without handing over what it has decoded.
 */
export function createGunzip(): Duplex {
  let stage: Stage = 'header';
  let held = NO_BYTES; // the beginning of a header or trailer
  let members = 0;
  let member: Member | null = null;

  const take = (chunk: Buffer, done: Done): void => {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = NO_BYTES;
    if (chunk.length === 0 || stage === 'excess') done();
    else if (stage === 'content' && member !== null) inflateFrom(member.inflate, bytes, done);
    else if (stage === 'header') readHeader(bytes, done);
    else readTrailer(bytes, done);
  };
  const goOn = (next: Stage, rest: Buffer, done: Done): void => {
    stage = next;
    take(rest, done);
  };
  const hold = (bytes: Buffer, done: Done): void => {
    held = bytes;
    done();
  };

  const readHeader = (bytes: Buffer, done: Done): void => {
    const length = gzipHeaderLength(bytes);
    if (typeof length === 'number' && members < MEMBERS_MAX) {
      members += 1;
      member?.inflate.destroy();
      member = createMember(stream);
      goOn('content', bytes.subarray(length), done);
    } else if (length === 'incomplete' && bytes.length < HEADER_BYTES_MAX) {
      hold(bytes, done);
    } else if (members === 0) {
      done(new Error('incorrect header'));
    } else {
      goOn('excess', bytes, done);
    }
  };
  const inflateFrom = (inflate: InflateRaw, chunk: Buffer, done: Done): void => {
    const bytesBefore = inflate.bytesWritten;
    inflate.write(chunk, error => {
      if (error) return; // the error event reports it
      const rest = chunk.subarray(inflate.bytesWritten - bytesBefore);
      const end = (): void => goOn('trailer', rest, done);
      if (rest.length === 0) done();
      else if (inflate.readableEnded) end();
      else inflate.once('end', end);
    });
  };
  const readTrailer = (bytes: Buffer, done: Done): void => {
    if (bytes.length < TRAILER_BYTES) hold(bytes, done);
    else if (member?.agreesWith(bytes)) goOn('header', bytes.subarray(TRAILER_BYTES), done);
    else done(new Error('the checksum or length contradicts the content'));
  };

  const stream = new Duplex({
    write: (chunk: Buffer, _encoding, done) => take(chunk, done),
    read: () => void member?.inflate.resume(),
    final: done => {
      stream.push(null);
      done();
    },
    destroy: (error, done) => {
      member?.inflate.destroy();
      done(error);
    },
  });
  return stream;
}

const NO_BYTES: Buffer = Buffer.alloc(0);

interface Member {
  readonly inflate: InflateRaw;
  readonly agreesWith: (trailer: Buffer) => boolean;
}

/** Inflates the content of one member into `stream`, no faster than that is read. */
function createMember(stream: Duplex): Member {
  let sum = 0;
  let size = 0;
  const inflate = zlib.createInflateRaw();
  inflate.on('error', error => stream.destroy(error));
  inflate.on('data', (bytes: Buffer) => {
    sum = zlib.crc32(bytes, sum);
    size = (size + bytes.length) >>> 0;
    if (!stream.push(bytes)) inflate.pause();
  });
  return {
    inflate,
    agreesWith: trailer => trailer.readUInt32LE(0) === sum && trailer.readUInt32LE(4) === size,
  };
}
