import { expect } from 'chai';
import { createSlowLane } from '../../lib/domain/slow-lane.ts';
import { aTarget } from '../support/a-target.ts';

const targets = (count: number, hosts: number, creators: number) =>
  Array.from({ length: count }, (_, index) =>
    aTarget({ url: `https://${index % hosts}.example.org/`, createdBy: `role ${index % creators}` }),
  );

describe('The slow lane', () => {
  it('has as many places as it says', () => {
    const lane = createSlowLane(8);
    expect(targets(20, 20, 20).filter(lane.enter)).to.have.length(8);
    expect(lane.taken()).to.equal(8);
  });

  it('holds at most a quarter of one host', () => {
    const lane = createSlowLane(8);
    expect(targets(20, 1, 1).filter(lane.enter)).to.have.length(2);
    expect(targets(20, 20, 20).filter(lane.enter)).to.have.length(6);
  });

  it('holds at most a quarter of one host for each creator: nobody takes the places of a host from others', () => {
    const lane = createSlowLane(8);
    expect(targets(40, 1, 2).filter(lane.enter)).to.have.length(4);
  });

  it('holds at most three quarters of one creator of targets', () => {
    const lane = createSlowLane(8);
    expect(targets(20, 20, 1).filter(lane.enter)).to.have.length(6);
    const [other = aTarget()] = targets(2, 2, 2).slice(1);
    expect(lane.enter(other)).to.equal(true);
  });

  it('has room again, in every share, once a place is left', () => {
    const lane = createSlowLane(4);
    const [one = aTarget(), same = aTarget()] = targets(2, 1, 1);
    expect([lane.enter(one), lane.enter(same)]).to.deep.equal([true, false]);
    lane.leave(one);
    expect(lane.enter(same)).to.equal(true);
    expect(lane.taken()).to.equal(1);
  });

  it('says who holds most places, and on which host', () => {
    const lane = createSlowLane(100);
    expect(lane.holdsMost()).to.equal(null);
    for (const target of [...targets(9, 9, 1), ...targets(4, 2, 2), ...targets(3, 1, 1)]) lane.enter(target);
    expect(lane.holdsMost()).to.deep.equal({
      createdBy: 'role 0',
      places: 14,
      host: '0.example.org',
      hostPlaces: 6,
    });
  });

  it('has one place of each share at least', () => {
    expect(createSlowLane(1).enter(aTarget())).to.equal(true);
  });
});
