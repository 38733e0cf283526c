import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Subscription } from 'rxjs';
import {
  type AlertingNow,
  EchoLostError,
  type WakeUpSettings,
  wakeUps,
} from '../../../lib/postgres/checking/wake-ups.ts';
import { connectDatabase, type Database } from '../../../lib/postgres/database.ts';
import {
  ACCEPTED,
  alertFacts,
  emptyAlerting,
  handDrivenAlerting,
  REFUSED,
  UNREACHABLE,
} from '../../support/alerting.ts';
import { type MigratedDatabase, migratedDatabase } from '../../support/migrated-database.ts';
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts';

/** Told in order; `until` resolves with the first that is told from then on and fits. */
function diary() {
  const told: string[] = [];
  const readers = new Set<() => void>();
  return {
    told,
    tell: (event: string) => {
      told.push(event);
      for (const reader of readers) reader();
    },
    until: (event: string): Promise<void> => {
      const from = told.length;
      return new Promise(resolve => {
        const read = () => {
          if (!told.slice(from).includes(event)) return;
          readers.delete(read);
          resolve();
        };
        readers.add(read);
      });
    },
  };
}

describe('wake-ups', () => {
  let db: MigratedDatabase;
  let proxy: TcpProxy;
  let subscription: Subscription | undefined;
  before(async () => {
    db = await migratedDatabase();
    const { hostname, port } = new URL(db.dsn);
    proxy = await tcpProxy({ host: hostname, port: Number(port || 5432) });
  });
  afterEach(() => subscription?.unsubscribe());
  after(async () => {
    await proxy.close();
    await db.drop();
  });

  /** Starts, through the proxy on the LISTEN side alone, and resolves when notifications arrive. */
  const start = async (settings: Partial<WakeUpSettings> = {}, database: Database = db.database) => {
    const events = diary();
    const isUp = events.until('listening');
    subscription = wakeUps(database, {
      dsn: proxy.through(db.dsn),
      applicationName: 'wake-up spec',
      instanceId: `spec ${Math.random()}`,
      pingEveryMs: 50,
      pingTimeoutMs: 200,
      heartbeatEveryMs: 100,
      pollEveryMs: 50,
      onListening: isListening => events.tell(isListening ? 'listening' : 'polling'),
      onTrouble: error => events.tell(error instanceof EchoLostError ? 'echo lost' : 'trouble'),
      ...settings,
    }).subscribe(() => events.tell('wake-up'));
    await isUp;
    return events;
  };
  const insert = () => db.psql.query("INSERT INTO monitored_targets (url) VALUES ('http://localhost:1/')");
  const listenerPids = async (): Promise<number[]> =>
    (
      await db.rows<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'wake-up spec' AND datname = current_database()",
      )
    ).map(({ pid }) => pid);

  it('come once after LISTEN has returned, because earlier commits send no notification', async () => {
    const events = await start();
    if (!events.told.includes('wake-up')) await events.until('wake-up');
    expect(events.told.indexOf('wake-up')).to.be.at.least(0);
  });

  it('come with each change of the targets', async () => {
    const events = await start({ heartbeatEveryMs: 60_000 });
    const woken = events.until('wake-up');
    await insert();
    await woken;
  });

  it('do not come from heartbeats, own or foreign', async () => {
    await db.psql.query('TRUNCATE monitored_targets');
    const events = await start({ heartbeatEveryMs: 20 });
    const before = events.told.length;
    await db.psql.query("SELECT pg_notify('website_monitor', 'heartbeat:another')");
    await new Promise(resolve => setTimeout(resolve, 200)); // a dozen heartbeats; none may wake
    expect(events.told.slice(before)).to.deep.equal([]);
  });

  it('come from the safety pass if a slot is due without a notification', async () => {
    const events = await start();
    const woken = events.until('wake-up');
    await db.psql.query(
      "INSERT INTO target_leases VALUES (77, now() - interval '1 s', '1 min', '2000-01-01')",
    );
    await woken;
    await db.psql.query('TRUNCATE target_leases');
  });

  const faults: [fault: string, inflict: () => unknown, heal: () => void][] = [
    [
      'the session is terminated',
      async () => {
        for (const pid of await listenerPids()) await db.psql.query('SELECT pg_terminate_backend($1)', [pid]);
      },
      () => {},
    ],
    ['the connection is reset', () => proxy.cut(), () => {}],
    ['the connection is swallowed by a black hole', () => proxy.blackhole(), () => proxy.heal()],
  ];
  for (const [fault, inflict, heal] of faults) {
    it(`listen again when ${fault}, polling meanwhile, and look for work`, async () => {
      const events = await start({ heartbeatEveryMs: 60_000 });
      const polling = events.until('polling');
      await inflict();
      await polling;
      await events.until('wake-up'); // a poll
      const listening = events.until('listening');
      heal();
      await listening;
      const woken = events.until('wake-up');
      await insert();
      await woken;
    });
  }

  it('listen again if the registration is lost on a healthy connection', async () => {
    // A heartbeat that goes to another database comes back to nobody, as with UNLISTEN or a pooler.
    const other = await migratedDatabase();
    let isLost = false;
    const astray: Database = {
      ...db.database,
      query: (text, values) => (isLost ? other.database : db.database).query(text, values),
    };
    const events = await start({ echoTimeoutMs: 100 }, astray);
    const lost = events.until('echo lost');
    isLost = true;
    await lost;
    await events.until('wake-up');
    const listening = events.until('listening');
    isLost = false;
    await listening;
    await other.drop();
  });

  it('fall back to polling, with a reason, if notifications never arrive', async () => {
    const other = await migratedDatabase();
    const events = diary();
    const lost = events.until('echo lost');
    const polled = events.until('wake-up');
    subscription = wakeUps(other.database, {
      dsn: db.dsn,
      applicationName: 'wake-up spec',
      instanceId: 'spec',
      echoTimeoutMs: 50,
      pollEveryMs: 50,
      onListening: isListening => events.tell(isListening ? 'listening' : 'polling'),
      onTrouble: error => events.tell(error instanceof EchoLostError ? 'echo lost' : 'trouble'),
    }).subscribe(() => events.tell('wake-up'));
    await Promise.all([lost, polled]);
    expect(events.told).to.not.include('listening');
    subscription.unsubscribe();
    await other.drop();
  });

  it('do not blame the listener when the pool is in trouble', async () => {
    const broken = connectDatabase({ dsn: db.dsn, poolSize: 1, applicationName: 'spec' });
    const events = await start({ heartbeatEveryMs: 30 }, broken);
    const troubled = events.until('trouble');
    await broken.close();
    await troubled;
    expect(events.told).to.not.include('polling');
  });

  it('write the row of their worker, and tell how alerting is, over all workers', async () => {
    const { addTarget, addChannel, goDown } = alertFacts(db);
    const alerting = handDrivenAlerting(db.database);
    await addChannel('dead');
    await goDown(await addTarget());
    await alerting.deliver(() => REFUSED);
    await addChannel('failing');
    await goDown(await addTarget({ url: 'http://localhost:2/' }));
    await alerting.deliver(({ channel }) => (channel === 'failing' ? UNREACHABLE : ACCEPTED));
    await db.psql.query("INSERT INTO conditions (kind, target_id, cause) VALUES ('slow', 1, 'slow')");
    const told: AlertingNow[] = [];
    const load = { upMs: 60_000, lagMs: 1, running: 2, slow: 3, targetsKnown: 4, targetsDown: 5 };
    const row = { instanceId: randomUUID(), name: 'w', version: '1', places: 6, slowPlaces: 7, ...load };
    const events = await start({ onAlerting: now => told.push(now), workerRow: () => row });
    expect(events.told).to.include('listening');
    const [{ waitingSinceS, ...rest } = { waitingSinceS: null }] = told;
    expect(rest).to.deep.equal({ alerts: { open: 2 }, dead: 1, failing: 1, slow: 1 });
    expect(waitingSinceS).to.be.closeTo(Date.now() / 1_000, 600);
    expect(
      await db.rows(
        "SELECT lag_ms, running, places, slow, slow_places, targets_known, targets_down, now() - started_at >= '1 min' AS is_up FROM workers",
      ),
    ).to.deep.equal([
      {
        lag_ms: 1,
        running: 2,
        places: 6,
        slow: 3,
        slow_places: 7,
        targets_known: 4,
        targets_down: 5,
        is_up: true,
      },
    ]);
    await emptyAlerting(db);
  });

  it('leave no session behind when they are unsubscribed', async () => {
    await start();
    subscription?.unsubscribe();
    for (let tries = 0; (await listenerPids()).length > 0; tries++) {
      expect(tries, 'the session is still there').to.be.below(200);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  });
});
