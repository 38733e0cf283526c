import { expect } from 'chai';
import { createHeldBodies, type HeldBody } from '../../../lib/probe/body/held-bodies.ts';

describe('createHeldBodies', () => {
  let givenUp: string[];
  let hold: (name: string) => HeldBody;

  beforeEach(() => {
    givenUp = [];
    const bodies = createHeldBodies(100);
    hold = name => bodies.hold(() => givenUp.push(name));
  });

  it('has room for a full budget', () => {
    hold('one').grow(60);
    hold('two').grow(40);
    expect(givenUp).to.deep.equal([]);
  });

  it('gives up the body that has been read longest, by its first byte, and counts it no more', () => {
    const [late, early] = [hold('late'), hold('early')];
    early.grow(50);
    late.grow(50);
    hold('new').grow(50);
    expect(givenUp).to.deep.equal(['early']);
    early.grow(1_000);
    hold('newest').grow(1);
    expect(givenUp).to.deep.equal(['early', 'late']);
  });

  it('leaves alone a body below half the average, however long it has been read', () => {
    hold('small').grow(10);
    hold('large').grow(80);
    hold('new').grow(30);
    expect(givenUp).to.deep.equal(['large']);
  });

  it('gives up a body that does not fit at all', () => {
    hold('small').grow(10);
    hold('huge').grow(101);
    expect(givenUp).to.deep.equal(['huge']);
  });

  it('has the room back that a body frees, once', () => {
    const one = hold('one');
    one.grow(90);
    one.free();
    one.free();
    hold('two').grow(90);
    expect(givenUp).to.deep.equal([]);
    hold('three').grow(20);
    expect(givenUp).to.deep.equal(['two']);
  });
});
