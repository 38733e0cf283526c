import { expect } from 'chai';
import { parseSelection } from '../../../lib/domain/target/target-selection.ts';

const EVERY = '0-9223372036854775807';
const ID_RULE = 'id must be like 7 or 100-199';
const QUERY_RULE = 'use only the parameters id and only, as in ?id=7&id=100-199&only=down';

/** Shows the selection as `first-last,first-last down`, or the rule that the query breaks. */
const read = (query: string): string => {
  const selection = parseSelection(new URLSearchParams(query));
  if (typeof selection === 'string') return selection;
  const ranges = selection.ranges.map(({ first, last }) => `${first}-${last}`);
  return `${ranges}${selection.onlyDown ? ' down' : ''}`;
};

describe('parseSelection', () => {
  for (const [query, selection] of [
    ['', EVERY],
    ['only=down', `${EVERY} down`],
    ['id=7', '7-7'],
    ['id=100-199&only=down', '100-199 down'],
    ['id=9&id=7&id=8-8', '7-7,8-8,9-9'],
    ['id=1-10&id=5-20&id=3&id=20-21', '1-21'],
    ['id=1-999999999999999999', '1-999999999999999999'],
    ['id=', ID_RULE],
    ['id=x', ID_RULE],
    ['id=-1', ID_RULE],
    ['id=9-7', ID_RULE],
    ['id=7,8', ID_RULE],
    ['id=7&id=1e3', ID_RULE],
    ['id=1-9223372036854775807', '1-9223372036854775807'],
    ['id=9223372036854775808', ID_RULE],
    ['only=', 'only must be down'],
    ['only=up', 'only must be down'],
    ['only=down&only=up', 'only must be down'],
    ['ids=7', QUERY_RULE],
    ['match[]=up', QUERY_RULE],
  ] as const) {
    it(`reads "${query}" as ${selection}`, () => {
      expect(read(query)).to.equal(selection);
    });
  }
});
