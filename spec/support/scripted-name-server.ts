import dgram from 'node:dgram';
import { once } from 'node:events';

/** What the name server says of a name. `silence` = nothing at all. */
export type Saying =
  | {
      /** Another name, whose addresses these are */
      readonly cname?: string;
      readonly a?: readonly string[];
      readonly aaaa?: readonly string[];
      readonly ttlSeconds?: number;
    }
  | 'no-such-name'
  | 'server-failure'
  | 'refused'
  | 'silence';

export interface ScriptedNameServer {
  /** As `NameResolverSettings.servers` takes it */
  readonly server: string;
  /** Every question so far, as `A www.example.org` */
  readonly questions: readonly string[];
  readonly close: () => Promise<void>;
}

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 2: 'NS', 28: 'AAAA' };
const RETURN_CODES = { 'no-such-name': 3, 'server-failure': 2, refused: 5 } as const;

/** A real name server on loopback over UDP; it has no answer for a name that `say` does not know. */
export async function startScriptedNameServer(
  say: (name: string, type: string) => Saying,
): Promise<ScriptedNameServer> {
  const questions: string[] = [];
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query);
    questions.push(`${type} ${name}`);
    const saying = say(name, type);
    if (saying !== 'silence') socket.send(reply(query.subarray(0, end), type, saying), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');

  return {
    server: `127.0.0.1:${socket.address().port}`,
    questions,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

const HEADER_BYTES = 12;

function readQuestion(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  return { name: labels.join('.'), type: TYPES[type] ?? String(type), end: at + 5 };
}

/** RFC 1035, section 4.1. */
function reply(question: Buffer, type: string, saying: Exclude<Saying, 'silence'>): Buffer {
  const failed = typeof saying === 'string';
  const addresses = failed ? [] : ((type === 'A' ? saying.a : type === 'AAAA' ? saying.aaaa : []) ?? []);
  const ttlSeconds = failed ? 0 : (saying.ttlSeconds ?? 60);
  const cname = failed ? undefined : saying.cname;
  const owner = cname === undefined ? NAME_ASKED : nameBytes(cname);
  const records = [
    ...(cname === undefined ? [] : [record(NAME_ASKED, 5, nameBytes(cname), ttlSeconds)]),
    ...addresses.map(address => addressRecord(owner, address, ttlSeconds)),
  ];
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | (failed ? RETURN_CODES[saying] : 0), 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8); // no other sections
  return Buffer.concat([head, ...records]);
}

function addressRecord(owner: Buffer, address: string, ttlSeconds: number): Buffer {
  const bytes = address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  return record(owner, bytes.length === 4 ? 1 : 28, bytes, ttlSeconds);
}

function record(owner: Buffer, type: number, bytes: Buffer, ttlSeconds: number): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2); // class IN
  head.writeUInt32BE(ttlSeconds, 4);
  head.writeUInt16BE(bytes.length, 8);
  return Buffer.concat([owner, head, bytes]);
}

/** A pointer to the name in the question. */
const NAME_ASKED = Buffer.from([0xc0, HEADER_BYTES]);

const nameBytes = (name: string): Buffer =>
  Buffer.concat([...name.split('.'), ''].map(label => Buffer.from([label.length, ...Buffer.from(label)])));

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(before).length - groups(after).length;
  const all = [...groups(before), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(after)];
  return Buffer.from(all.map(group => group.padStart(4, '0')).join(''), 'hex');
}
