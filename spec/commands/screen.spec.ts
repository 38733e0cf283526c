import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import { createScreen } from '../../lib/commands/screen.ts';

describe('createScreen', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => clock.restore());

  const stream = (isTTY: boolean, hasColors = true) =>
    Object.assign(new PassThrough(), { isTTY, hasColors: () => hasColors }) as unknown as WriteStream;
  const told = (stderr: WriteStream) => String((stderr as unknown as PassThrough).read() ?? '');

  for (const [isTTY, hasColors, isColoured] of [
    [true, true, true],
    [true, false, false], // NO_COLOR, or TERM=dumb
    [false, true, false],
  ] as const) {
    it(`is coloured (${isColoured}) on a terminal (${isTTY}) that has colours (${hasColors})`, () => {
      expect(createScreen(stream(isTTY, hasColors), stream(true)).isColoured).to.equal(isColoured);
    });
  }

  it('overwrites progress on a terminal, at most ten times a second, and clears it before a line', () => {
    const stderr = stream(true);
    const screen = createScreen(stream(true), stderr);
    screen.progress('1');
    screen.progress('2');
    clock.tick(100);
    screen.progress('3');
    screen.tell('a line');
    screen.settle();
    expect(told(stderr)).to.equal('\r\x1b[2K1\r\x1b[2K3\r\x1b[2Ka line\n');
  });

  it('prints a progress line every ten seconds without a terminal', () => {
    const stderr = stream(false);
    const screen = createScreen(stream(false), stderr);
    for (let index = 1; index <= 25; index += 1) {
      clock.tick(1_000);
      screen.progress(`${index}`);
    }
    expect(told(stderr)).to.equal('10\n20\n');
  });

  it('waits for a slow reader', async () => {
    const stdout = stream(false);
    let isTaken = false;
    const printed = createScreen(stdout, stream(false))
      .print('x'.repeat(1_000_000))
      .then(() => {
        isTaken = true;
      });
    await Promise.resolve();
    expect(isTaken).to.equal(false);
    stdout.resume();
    await printed;
  });
});
