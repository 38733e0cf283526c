import { expect } from 'chai';
import { addAlertChannels, type WantedChannel } from '../../../lib/postgres/channels/add-alert-channels.ts';
import { emptyAlerting } from '../../support/alerting.ts';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';

const SLACK: WantedChannel = { url: 'slack://T0/B0/X0', kind: 'slack' };
const OTHER: WantedChannel = { url: 'slack://T0/B0/X1', kind: 'slack' };

describe('addAlertChannels', () => {
  let own: MigratedDatabase;
  before(async () => {
    own = await migratedDatabase();
  });
  beforeEach(() => emptyAlerting(own));
  after(() => own.drop());

  const add = async (...wanted: WantedChannel[]) =>
    (await addAlertChannels(own.database, wanted, 'Asia/Tokyo')).map(
      ({ name, change }) => `${change} ${name}`,
    );

  it('names channels by their kind, with a number if that is taken', async () => {
    expect(await add(SLACK, OTHER)).to.deep.equal(['added slack', 'added slack-2']);
    expect(await own.rows('SELECT name, url, time_zone FROM channels ORDER BY id')).to.deep.equal([
      { name: 'slack', url: SLACK.url, time_zone: 'Asia/Tokyo' },
      { name: 'slack-2', url: OTHER.url, time_zone: 'Asia/Tokyo' },
    ]);
  });

  it('changes nothing the second time, in any order, and adds another URL', async () => {
    await add(SLACK);
    const before = await own.rows('SELECT * FROM channels');
    expect(await add(OTHER, SLACK)).to.deep.equal(['added slack-2', 'kept slack']);
    expect(await own.rows('SELECT * FROM channels WHERE id = 1')).to.deep.equal(before);
  });

  it('keeps a channel that has the URL under another name, as it is', async () => {
    await own.psql.query(
      `INSERT INTO channels (name, url, labels, enabled) VALUES ('ops', '${SLACK.url}', '{"team": "web"}', false)`,
    );
    const [kept] = await addAlertChannels(own.database, [SLACK], 'UTC');
    expect(kept).to.deep.equal({ name: 'ops', url: SLACK.url, change: 'kept', isEnabled: false });
    expect(await own.rows('SELECT name, labels, enabled FROM channels')).to.deep.equal([
      { name: 'ops', labels: { team: 'web' }, enabled: false },
    ]);
  });

  it('adds one channel for workers that start at once', async () => {
    const [one, other] = await Promise.all([add(SLACK), add(SLACK)]);
    expect([...one, ...other].toSorted()).to.deep.equal(['added slack', 'kept slack']);
  });
});
