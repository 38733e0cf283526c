import { expect } from 'chai';
import { delay, map, NEVER, of, Subject } from 'rxjs';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import type { Sent } from '../../lib/alerting/channel.ts';
import type { Message } from '../../lib/alerting/message.ts';
import { alerting } from '../../lib/alerting/pipeline.ts';
import type { AlertingPorts, Delivered, DeliveryBatch } from '../../lib/alerting/ports.ts';

const ACCEPTED: Sent = { kind: 'accepted' };
const FAILED: Sent = { kind: 'failed', problem: 'status 500', mayHaveArrived: true, retryAfterMs: null };

const message = (id: string): Message =>
  ({
    id,
    atMs: 0,
    channel: 'one',
    timeZone: 'UTC',
    publicUrl: null,
    told: [{}],
    counts: [],
  }) as unknown as Message;

const batchOf = (name: string, ...ids: string[]): DeliveryBatch => ({
  channel: { id: name, name, kind: 'webhook', url: 'https://example.org', secrets: [] },
  epoch: 1,
  failures: 0,
  endsAtMonotonicMs: Number.POSITIVE_INFINITY,
  messages: ids.map(message),
});

/** Ports that hand out one batch of each channel, once, and note what they are asked. */
function portsWith(batches: readonly DeliveryBatch[], over: Partial<AlertingPorts>) {
  const waiting = [...batches];
  const asked: string[] = [];
  const recorded: Delivered[] = [];
  const ports: AlertingPorts = {
    wakeUps: of('all'),
    advance: () => {
      asked.push('advance');
      return of({ opened: 0, closed: 0, nextDueInMs: Number.POSITIVE_INFINITY });
    },
    lease: channelsMax => {
      asked.push(`lease ${channelsMax}`);
      return of({ batches: waiting.splice(0, channelsMax), nextDueInMs: Number.POSITIVE_INFINITY });
    },
    send: () => of(ACCEPTED),
    record: delivered => {
      recorded.push(delivered);
      return of({ delivered, counts: [] });
    },
    hooks: { advanced: () => {}, delivered: () => {} },
    stopping: NEVER,
    aborting: NEVER,
    monotonicMs: () => Date.now(),
    ...over,
  };
  return { ports, asked, recorded };
}

const outcomes = (recorded: readonly Delivered[]) =>
  recorded.map(
    ({ batch, attempts }) =>
      `${batch.channel.name}: ${attempts.map(({ message: { id }, sent }) => `${id} ${sent.kind}`).join()}`,
  );

describe('The pipeline of alerts', () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => clock.restore());

  it('takes events first, then sends what came of them', async () => {
    const { ports, asked, recorded } = portsWith([batchOf('one', 'a')], {});
    alerting(ports).subscribe();
    expect(asked.slice(0, 2)).to.deep.equal(['advance', 'lease 32']);
    expect(outcomes(recorded)).to.deep.equal(['one: a accepted']);
  });

  it('looks again when an alert falls due', async () => {
    let passes = 0;
    const { ports } = portsWith([], {
      advance: () => {
        passes += 1;
        return of({ opened: 0, closed: 0, nextDueInMs: passes === 1 ? 5_000 : Number.POSITIVE_INFINITY });
      },
    });
    alerting(ports).subscribe();
    await clock.tickAsync(4_999);
    expect(passes).to.equal(1);
    await clock.tickAsync(1);
    expect(passes).to.equal(2);
  });

  it('lets a receiver that hangs delay no other channel', async () => {
    const { ports, recorded } = portsWith([batchOf('hangs', 'a'), batchOf('other', 'b')], {
      send: ({ name }) => (name === 'hangs' ? NEVER : of(ACCEPTED)),
    });
    alerting(ports).subscribe();
    expect(outcomes(recorded)).to.deep.equal(['other: b accepted']);
  });

  it('begins no message to a channel after one that failed', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    const { ports, recorded } = portsWith([batchOf('one', ...ids)], {
      send: (_, { id }) => of(id === 'm0' ? FAILED : ACCEPTED).pipe(delay(10)),
    });
    alerting(ports).subscribe();
    await clock.tickAsync(100);
    expect(recorded[0]?.attempts).to.have.length(10); // those that were under way beside it
  });

  it('leases a channel again as soon as it has been recorded: more may have come for it', async () => {
    const { ports, asked } = portsWith([batchOf('hangs', 'a'), batchOf('one', 'b')], {
      send: ({ name }) => (name === 'hangs' ? NEVER : of(ACCEPTED).pipe(delay(10))),
    });
    alerting(ports).subscribe();
    const before = asked.length;
    await clock.tickAsync(10);
    expect(asked.slice(before)).to.deep.equal(['lease 31']);
  });

  it('finishes and records what is under way when it is stopped, and leases nothing more', async () => {
    const stopping = new Subject<void>();
    const { ports, asked, recorded } = portsWith([batchOf('one', 'a')], {
      stopping,
      send: () => of(ACCEPTED).pipe(delay(1_000)),
    });
    let isComplete = false;
    alerting(ports).subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    stopping.next();
    const before = asked.length;
    await clock.tickAsync(1_000);
    expect(outcomes(recorded)).to.deep.equal(['one: a accepted']);
    expect([isComplete, asked.length]).to.deep.equal([true, before]);
  });

  it('records that a message may have arrived when it is aborted meanwhile', async () => {
    const aborting = new Subject<void>();
    const { ports, recorded } = portsWith([batchOf('one', 'a')], { aborting, send: () => NEVER });
    alerting(ports).subscribe();
    aborting.next();
    expect(recorded[0]?.attempts[0]?.sent).to.include({ kind: 'failed', mayHaveArrived: true });
  });

  it('does not give way to an event that comes while another is looked at', async () => {
    const wakeUps = new Subject<void>();
    const { ports, asked } = portsWith([], {
      wakeUps,
      advance: () => {
        asked.push('advance');
        return of(null).pipe(
          delay(100),
          map(() => ({ opened: 0, closed: 0, nextDueInMs: Number.POSITIVE_INFINITY })),
        );
      },
    });
    alerting(ports).subscribe();
    for (let times = 0; times < 3; times += 1) wakeUps.next();
    await clock.tickAsync(1_000);
    expect(asked.filter(what => what === 'advance')).to.have.length(2);
  });
});
