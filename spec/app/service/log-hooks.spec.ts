import { expect } from 'chai';
import { NEVER } from 'rxjs';
import sinon from 'sinon';
import { createLogHooks } from '../../../lib/app/service/log-hooks.ts';
import type { Check } from '../../../lib/domain/check/check.ts';
import type { Log } from '../../../lib/log/create-log.ts';
import { aCheck } from '../../support/a-check.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 1);

const aLog = (): Log => ({
  error: sinon.fake(),
  warn: sinon.fake(),
  info: sinon.fake(),
  debug: sinon.fake(),
  check: sinon.fake(),
  transition: sinon.fake(),
  lineLost: NEVER,
  flush: async () => {},
});

describe('What expires soon', () => {
  /** How often that was warned of after these checks. */
  const warnings = (checks: readonly Check[], settings = {}): number => {
    const log = aLog();
    const hooks = createLogHooks(log, settings);
    for (const check of checks)
      hooks.recorded({
        settled: [],
        recorded: [check],
        transitions: [],
        lostLeaseCount: 0,
        rejectedCount: 0,
      });
    return (log.warn as sinon.SinonSpy).callCount;
  };
  const seen = (atDays: number, expiresInDays: number): Check =>
    aCheck({
      startedAtMs: NOW_MS + atDays * DAY_MS,
      certificate: {
        expiresAtMs: NOW_MS + (atDays + expiresInDays) * DAY_MS,
        host: 'example.org',
        subject: '',
        issuer: '',
        fingerprint: 'ab12',
      },
    });

  it('is warned of once a day, from 14 days before on unless told otherwise', () => {
    expect(warnings([seen(0, 14)])).to.equal(1);
    expect(warnings([seen(0, 14.1)])).to.equal(0);
    expect(warnings([seen(0, 14.1)], { certificateWarningDays: 30 })).to.equal(1);
    expect(warnings([seen(0, 5), seen(0.5, 4.5), seen(0.9, 4.1)])).to.equal(1);
    expect(warnings([seen(0, 5), seen(1, 4), seen(2, 3)])).to.equal(3);
  });

  it('is not warned of at all with 0 days', () => {
    expect(warnings([seen(0, -1)], { certificateWarningDays: 0 })).to.equal(0);
  });
});

describe('Slots that found no place in the slow lane', () => {
  it('are warned of at once, then once a minute with their number and who holds most of it', () => {
    const clock = sinon.useFakeTimers();
    const log = aLog();
    const { settled } = createLogHooks(log);
    const { lease } = aCheck();
    const holdsMost = { createdBy: 'eve', places: 7, host: 'slow.example', hostPlaces: 5 };
    const skip = () => settled({ kind: 'skipped', lease, reason: 'slow_lane_full', holdsMost });
    skip();
    skip();
    settled({ kind: 'skipped', lease, reason: 'still_running' });
    clock.tick(60_000);
    skip();
    clock.restore();
    const top = { topCreator: 'eve', topCreatorPlaces: 7, topHost: 'slow.example', topHostPlaces: 5 };
    expect((log.warn as sinon.SinonSpy).args.map(([, fields]) => fields)).to.deep.equal([
      { slots: 1, ...top },
      { slots: 2, ...top },
    ]);
  });
});
