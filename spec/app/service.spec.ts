import { readdirSync, readlinkSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { NEVER, Observable } from 'rxjs';
import { openDatabase } from '../../lib/app/open-database.ts';
import { startService } from '../../lib/app/service.ts';
import { HttpAddressError } from '../../lib/web/http-address-error.ts';
import { failureOf } from '../support/failure-of.ts';
import { configOf } from '../support/parsing.ts';
import { quietLog } from '../support/quiet-log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';

describe('startService', () => {
  let folder: string;
  let taken: Server;
  beforeEach(async () => {
    folder = await temporaryFolder();
    taken = createServer();
    await new Promise<void>(listening => taken.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    await new Promise(closed => taken.close(closed));
    await rm(folder, { recursive: true });
  });

  /** Counts who still listens to it. */
  const aLog = () => {
    let listenerCount = 0;
    const lineLost = new Observable<void>(subscriber => {
      listenerCount += 1;
      const waiting = NEVER.subscribe(subscriber);
      return () => {
        listenerCount -= 1;
        waiting.unsubscribe();
      };
    });
    return { log: quietLog({ lineLost }), listenerCount: () => listenerCount };
  };
  const openFiles = (): string[] =>
    readdirSync('/proc/self/fd').flatMap(fd => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return []; // that of the folder itself is closed by now
      }
    });

  it('closes everything opened if a later part cannot be opened', async () => {
    const { port } = taken.address() as AddressInfo;
    const historyFile = join(folder, 'history');
    const config = configOf([`--http-port=${port}`, `--history-file=${historyFile}`]);
    const { log, listenerCount } = aLog();
    const database = openDatabase(config, NOWHERE);
    const failure = await failureOf(startService(config, { database, dsn: NOWHERE, log }));
    expect(failure).to.be.an.instanceOf(HttpAddressError);
    expect(await readFile(historyFile, 'utf8'), 'it was opened before').to.equal('\n');
    expect(openFiles()).to.not.include(historyFile);
    expect(listenerCount()).to.equal(0);
    await database.close();
  });

  it('closes everything when it is closed', async () => {
    const historyFile = join(folder, 'history');
    const config = configOf(['--http-port=0', `--history-file=${historyFile}`]);
    const { log, listenerCount } = aLog();
    const database = openDatabase(config, NOWHERE);
    const service = await startService(config, { database, dsn: NOWHERE, log });
    expect(openFiles()).to.include(historyFile);
    expect((await fetch(`${service.httpUrl}/livez`)).status).to.equal(200);
    service.stop();
    await service.ended;
    expect(await service.started, 'it was stopped before there was a database').to.equal(false);
    await service.close();
    expect(openFiles()).to.not.include(historyFile);
    expect(listenerCount()).to.equal(0);
    expect(await failureOf(fetch(`${service.httpUrl}/livez`))).to.be.an.instanceOf(TypeError);
    await database.close();
  });
});
