import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  privateDecrypt,
  randomBytes,
} from 'node:crypto';
import type { Socket } from 'node:net';
import type { Identity } from '../certificates.ts';
import { response } from './misbehaviour.ts';
import { onConnection, type Serve } from './serving.ts';

// A TLS 1.2 server of before RFC 5746 (2010), which OpenSSL itself can no longer be made to be. RFC 5246 in its
// smallest form: keys exchanged by RSA, AES-128-GCM, no extension of the client's heeded.

const [CHANGE_CIPHER, HANDSHAKE, DATA] = [20, 22, 23] as const;
const [HELLO_REQUEST, SERVER_HELLO, CERTIFICATE, HELLO_DONE, FINISHED] = [0, 2, 11, 14, 20] as const;
const TLS_1_2 = Buffer.from([3, 3]);
const RSA_WITH_AES_128_GCM_SHA256 = Buffer.from([0, 0x9c]);

/** One direction of a connection. */
interface Keys {
  readonly key: Buffer;
  readonly salt: Buffer;
  records: bigint;
}

/** Answers one request; before that, asks for a second handshake where it is to. */
export const oldServer = (identity: Identity, { renegotiates }: { readonly renegotiates: boolean }): Serve =>
  onConnection(socket => {
    const connection = openConnection(socket);
    const serve = async (): Promise<void> => {
      await handshake(connection, identity);
      await connection.read(DATA);
      if (renegotiates) {
        connection.write(HANDSHAKE, message(HELLO_REQUEST, Buffer.alloc(0)));
        await handshake(connection, identity);
      }
      connection.write(DATA, Buffer.from(response()));
      socket.end();
    };
    serve().catch(() => socket.destroy());
  });

type Connection = ReturnType<typeof openConnection>;

function openConnection(socket: Socket) {
  const bytes = reader(socket);
  let reading: Keys | null = null;
  let writing: Keys | null = null;
  return {
    /** The content of the next record; throws if that is of another type, such as an alert. */
    read: async (wanted: number): Promise<Buffer> => {
      const header = await bytes(5);
      const body = await bytes(header.readUInt16BE(3));
      if (header[0] !== wanted) throw new Error(`a record of type ${header[0]} instead of ${wanted}`);
      return reading === null ? body : decrypted(wanted, body, reading);
    },
    write: (type: number, content: Buffer): void => {
      const body = writing === null ? content : encrypted(type, content, writing);
      socket.write(Buffer.concat([Buffer.from([type]), TLS_1_2, uint(body.length, 2), body]));
    },
    readWith: (keys: Keys): void => {
      reading = keys;
    },
    writeWith: (keys: Keys): void => {
      writing = keys;
    },
  };
}

async function handshake(connection: Connection, { key, cert }: Identity): Promise<void> {
  const said: Buffer[] = [];
  const listen = async (): Promise<Buffer> => {
    said.push(await connection.read(HANDSHAKE));
    return said.at(-1)?.subarray(4) ?? Buffer.alloc(0);
  };
  const say = (type: number, body: Buffer): void => {
    said.push(message(type, body));
    connection.write(HANDSHAKE, said.at(-1) ?? body);
  };
  const clientRandom = (await listen()).subarray(2, 34);
  const serverRandom = randomBytes(32);
  say(
    SERVER_HELLO,
    Buffer.concat([TLS_1_2, serverRandom, uint(0, 1), RSA_WITH_AES_128_GCM_SHA256, uint(0, 1)]),
  );
  say(CERTIFICATE, sized(Buffer.concat(certificatesIn(cert).map(sized))));
  say(HELLO_DONE, Buffer.alloc(0));

  const exchanged = (await listen()).subarray(2);
  const premaster = privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, exchanged);
  const master = derived(premaster, 'master secret', Buffer.concat([clientRandom, serverRandom]), 48);
  const block = derived(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
  const keysAt = (key: number, salt: number): Keys => ({
    key: block.subarray(key, key + 16),
    salt: block.subarray(salt, salt + 4),
    records: 0n,
  });
  await connection.read(CHANGE_CIPHER);
  connection.readWith(keysAt(0, 32));
  await listen();
  connection.write(CHANGE_CIPHER, uint(1, 1));
  connection.writeWith(keysAt(16, 36));
  const heard = createHash('sha256').update(Buffer.concat(said)).digest();
  say(FINISHED, derived(master, 'server finished', heard, 12));
}

const uint = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const sized = (body: Buffer): Buffer => Buffer.concat([uint(body.length, 3), body]);
const message = (type: number, body: Buffer): Buffer => Buffer.concat([uint(type, 1), sized(body)]);

const certificatesIn = (pem: string): Buffer[] =>
  [...pem.matchAll(/BEGIN CERTIFICATE-----([^-]+)/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));

/** TLS 1.2's pseudorandom function: RFC 5246, section 5. */
function derived(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const mac = (...parts: Buffer[]): Buffer =>
    createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  for (let link = mac(labelled); blocks.length * 32 < length; link = mac(link))
    blocks.push(mac(link, labelled));
  return Buffer.concat(blocks).subarray(0, length);
}

/** What the tag of a record covers besides its content. */
function additional(type: number, length: number, keys: Keys): Buffer {
  const sequence = Buffer.alloc(8);
  sequence.writeBigUInt64BE(keys.records++);
  return Buffer.concat([sequence, uint(type, 1), TLS_1_2, uint(length, 2)]);
}

function encrypted(type: number, content: Buffer, keys: Keys): Buffer {
  const nonce = randomBytes(8);
  const cipher = createCipheriv('aes-128-gcm', keys.key, Buffer.concat([keys.salt, nonce]));
  cipher.setAAD(additional(type, content.length, keys));
  const body = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

function decrypted(type: number, body: Buffer, keys: Keys): Buffer {
  const content = body.subarray(8, -16);
  const decipher = createDecipheriv('aes-128-gcm', keys.key, Buffer.concat([keys.salt, body.subarray(0, 8)]));
  decipher.setAAD(additional(type, content.length, keys));
  decipher.setAuthTag(body.subarray(-16));
  return Buffer.concat([decipher.update(content), decipher.final()]);
}

/** Returns a function that resolves with the next so many bytes, and rejects at the end. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  const chunks = socket[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  return async count => {
    while (rest.length < count) {
      const { done, value } = await chunks.next();
      if (done) throw new Error('the client is gone');
      rest = Buffer.concat([rest, value]);
    }
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  };
}
