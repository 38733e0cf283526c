import { EventEmitter, once } from 'node:events';
import { setImmediate as nextTick } from 'node:timers/promises';
import { expect } from 'chai';
import { connectDatabase, type Database } from '../../lib/postgres/database.ts';
import { statement } from '../../lib/sql/sql-file.ts';
import { askUntil } from '../support/ask-until.ts';
import { clientSockets } from '../support/client-sockets.ts';
import { failureOf } from '../support/failure-of.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';
import { proxyBefore, tcpProxy } from '../support/tcp-proxy.ts';

const MY_SESSION = 'SELECT pg_backend_pid() AS pid';

describe('The database', () => {
  let own: TestDatabase;
  const broken = new EventEmitter();
  const connect = (dsn: string): Database =>
    connectDatabase({
      dsn,
      poolSize: 1,
      applicationName: 'spec',
      onConnectionError: () => broken.emit('connection'),
    });
  before(async () => {
    own = await testDatabase();
  });
  after(() => own.drop());

  it('outlives the end of a session between two statements of a transaction', async () => {
    const database = connect(own.dsn);
    const psql = await psqlLike(own.dsn);
    const failure = await failureOf(
      database.transaction(async query => {
        const [session] = await query<{ pid: number }>(MY_SESSION);
        const told = once(broken, 'connection');
        await psql.query('SELECT pg_terminate_backend($1)', [session?.pid]);
        await told;
        await query(MY_SESSION);
      }),
    );
    expect(failure.message).to.match(/not queryable/);
    expect(await database.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    await psql.end();
    await database.close();
  });

  it('waits longer for an answer where it is told to', async () => {
    const database = connectDatabase({
      dsn: own.dsn,
      poolSize: 1,
      applicationName: 'spec',
      queryTimeoutMs: 100,
    });
    const sleeping = 'SELECT pg_sleep(0.3) IS NOT NULL AS slept';
    expect((await failureOf(database.query(sleeping))).message).to.match(/timeout/);
    const rows = await database.transaction(async query => {
      await query(statement('statement-timeout'), ['10000']);
      return query(sleeping, [], undefined, 10_000);
    });
    expect(rows).to.deep.equal([{ slept: true }]);
    const [after] = await database.query('SHOW statement_timeout');
    expect(after).to.deep.equal({ statement_timeout: '50ms' });
    await database.close();
  });

  it('outlives a connection that is reset during a statement, which fails', async () => {
    const { hostname, port } = new URL(own.dsn);
    const proxy = await tcpProxy({ host: hostname, port: Number(port) });
    const database = connect(proxy.through(own.dsn));
    const psql = await psqlLike(own.dsn);
    await psql.query('SELECT pg_advisory_lock(1)');
    const locking = failureOf(database.query('SELECT pg_advisory_lock(1) -- behind psql'));
    await waitsForLock(psql);
    proxy.cut();
    expect(await locking).to.include({ code: 'ECONNRESET' });
    await psql.end();
    expect(await database.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
    await database.close();
    await proxy.close();
  });

  it('closes its sockets although the server has stalled, with one query under way and one done', async () => {
    const proxy = await proxyBefore(own.dsn);
    const dsn = proxy.through(own.dsn);
    const sockets = clientSockets(Number(new URL(dsn).port));
    const database = connectDatabase({ dsn, poolSize: 2, applicationName: 'spec' });
    await Promise.all([database.query('SELECT 1'), database.query('SELECT 1')]);
    expect(sockets.open()).to.equal(2);
    proxy.blackhole();
    const failing = failureOf(database.query('SELECT 1'));
    await nextTick(); // the pool hands out a connection only then
    await database.close();
    expect((await failing).message).to.match(/Connection terminated/);
    expect(sockets.open()).to.equal(0);
    sockets.stop();
    await proxy.close();
  });
});

const waitsForLock = (psql: Awaited<ReturnType<typeof psqlLike>>): Promise<void> =>
  askUntil(async () => {
    const { rowCount } = await psql.query(
      `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`,
    );
    return rowCount === 1;
  });
