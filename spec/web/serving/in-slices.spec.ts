import { once } from 'node:events';
import { createServer as createParser } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect } from 'chai';
import { inSlices } from '../../../lib/web/serving/in-slices.ts';
import { dial, type RawClient } from '../../support/raw-client.ts';

describe('inSlices', () => {
  let server: Server;
  let client: RawClient;
  let stream: Duplex;
  let turn: PromiseWithResolvers<void>;

  beforeEach(async () => {
    turn = Promise.withResolvers();
    server = createServer({ allowHalfOpen: true, highWaterMark: 1 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    client = await dial(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = await accepted;
    stream = inSlices(socket, () => turn.promise);
  });
  afterEach(() => {
    stream.destroy();
    client.socket.destroy();
    server.close();
  });

  it('hands on a slice of 512 bytes at a time, and the next one only in turn', async () => {
    const sent = Array.from({ length: 40_000 }, (_, index) => `${index}\n`).join('');
    const slices: Buffer[] = [];
    stream.on('data', slice => slices.push(slice));
    client.send(sent);
    await once(stream, 'data');
    for (let count = 0; count < 10; count += 1) await new Promise(setImmediate);
    expect(slices.map(({ length }) => length)).to.deep.equal([512]);

    turn.resolve();
    client.socket.end();
    await once(stream, 'end');
    expect(Buffer.concat(slices).toString()).to.equal(sent);
    expect(Math.max(...slices.map(({ length }) => length))).to.equal(512);
  });

  it('lets Node parse 28 requests at most, though the shortest possible fill the chunk', async () => {
    let count = 0;
    const parser = createParser(() => {
      count += 1;
      stream.destroy();
    });
    parser.emit('connection', stream);
    client.send('GET / HTTP/1.0\r\n\r\n'.repeat(100_000));
    await client.closed();
    expect(count).to.be.within(1, 28);
  });

  it('writes to the socket, and says when the system has taken it', async () => {
    await new Promise(resolve => stream.write('hello', resolve));
    expect(await client.received('hello')).to.equal('hello');
    stream.end('bye');
    stream.resume();
    client.socket.end();
    expect(await client.closed()).to.equal('hellobye');
  });

  it('closes when the client cuts the connection', async () => {
    client.socket.resetAndDestroy();
    await once(stream.resume(), 'close');
  });
});
