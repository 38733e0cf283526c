import { expect } from 'chai';
import { advance } from '../../lib/alerting/advance.ts';
import type { Alert, AlertFacts, ChannelChoice, Step } from '../../lib/alerting/alert.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2026, 0, 1, 12);

const SETTINGS = { alertAfterMs: 0, recoveryPeriodMs: 3 * MINUTE };

const OPS: ChannelChoice = {
  id: '1',
  delayMs: 0,
  reminderMs: null,
  sendsResolved: true,
  tellsAcknowledged: false,
};
const PAGER: ChannelChoice = {
  ...OPS,
  id: '2',
  delayMs: 10 * MINUTE,
  reminderMs: 60 * MINUTE,
  tellsAcknowledged: true,
};

const PENDING: Alert = {
  id: '7',
  kind: 'down',
  state: 'pending',
  startedMs: START,
  noticedMs: START + 100,
  level: 0,
  heldBy: null,
  recheckedMs: null,
  openedMs: null,
  acknowledgedMs: null,
  mayBeOurNetwork: false,
  channels: [],
};

const TARGET: NonNullable<AlertFacts['target']> = {
  isEnabled: true,
  alertAfterMs: null,
  recoveryPeriodMs: null,
  checkIntervalMs: 30 * SECOND,
  isUpNow: false,
  checkedMs: START,
};

const DOWN: AlertFacts = {
  endedMs: null,
  level: 0,
  target: TARGET,
  parent: null,
  channel: null,
  silencedUntilMs: null,
  isWorkerLost: false,
  channels: [OPS],
};

const upSince = (endedMs: number): AlertFacts => ({ ...DOWN, endedMs, target: { ...TARGET, isUpNow: true } });

/** Looks at an alert at each of the moments, each time with the facts of that moment. */
function story(first: Alert, ...looks: readonly (readonly [atMs: number, facts: AlertFacts])[]) {
  let alert = first;
  const steps: Step[] = [];
  for (const [atMs, facts] of looks) {
    const step = advance(alert, facts, SETTINGS, START + atMs);
    steps.push(step);
    alert = step.alert;
  }
  return {
    alert,
    last: steps[steps.length - 1] as Step,
    told: steps.flatMap(({ deliveries }) =>
      deliveries.map(({ channelId, news }) => `${news} to ${channelId}`),
    ),
    checks: steps.flatMap(({ checks }) => checks),
  };
}

/** Facts of an alert that people were told of. */
const opened = (facts = DOWN): Alert => story(PENDING, [0, facts]).alert;
const dueIn = ({ dueMs }: Step): number | null => (dueMs === null ? null : dueMs - START);

describe('An alert', () => {
  it('opens at once, and tells every channel that its labels choose', () => {
    const { alert, told, last } = story(PENDING, [0, { ...DOWN, channels: [OPS, { ...OPS, id: '3' }] }]);
    expect(alert.state).to.equal('open');
    expect(told).to.deep.equal(['opened to 1', 'opened to 3']);
    expect(last.dueMs).to.equal(null);
  });

  it('waits until its target has been down for alert_after', () => {
    const patient = { ...DOWN, target: { ...TARGET, alertAfterMs: 5 * MINUTE } };
    const early = story(PENDING, [0, patient]);
    expect(early.told).to.deep.equal([]);
    expect(dueIn(early.last)).to.equal(5 * MINUTE);
    expect(story(PENDING, [0, patient], [5 * MINUTE, patient]).told).to.deep.equal(['opened to 1']);
  });

  it('is not told if its target recovers before that', () => {
    const patient = { ...TARGET, alertAfterMs: 5 * MINUTE, isUpNow: true };
    const { alert, told } = story(PENDING, [
      5 * MINUTE,
      { ...DOWN, endedMs: START + 4 * MINUTE, target: patient },
    ]);
    expect(alert.state).to.equal('closed');
    expect(told).to.deep.equal([]);
  });

  it('opens for an incident that lasted long enough, even if it ended before any worker looked', () => {
    const { told, alert } = story(PENDING, [10 * MINUTE, upSince(START + MINUTE)]);
    expect(told).to.deep.equal(['opened to 1', 'resolved to 1']);
    expect(alert.state).to.equal('closed');
  });

  describe('of a target that is up again', () => {
    it('closes when it has been up for the recovery period, and not before', () => {
      const early = story(opened(), [MINUTE, upSince(START + MINUTE)]);
      expect(early.alert.state).to.equal('recovering');
      expect(dueIn(early.last)).to.equal(4 * MINUTE);
      const late = story(early.alert, [4 * MINUTE, upSince(START + MINUTE)]);
      expect(late.told).to.deep.equal(['resolved to 1']);
      expect(late.last.ending).to.equal('recovered');
    });

    it('goes on, without a word, if it goes down once more meanwhile', () => {
      const { alert, told } = story(opened(), [MINUTE, upSince(START + MINUTE)], [2 * MINUTE, DOWN]);
      expect(alert.state).to.equal('open');
      expect(told).to.deep.equal([]);
    });

    it('stays until a check shows that it is up: unknown time proves nothing', () => {
      const unknown = { ...DOWN, endedMs: START + MINUTE };
      const { alert, told, last } = story(opened(), [10 * MINUTE, unknown]);
      expect(alert.state).to.equal('recovering');
      expect(told).to.deep.equal([]);
      expect(dueIn(last)).to.equal(10 * MINUTE + 30 * SECOND);
    });

    it('says nothing to channels that want no end, or were not told of the beginning', () => {
      const facts = { ...DOWN, channels: [{ ...OPS, sendsResolved: false }, PAGER] };
      const { told, alert } = story(opened(facts), [
        9 * MINUTE,
        { ...upSince(START + MINUTE), channels: [] },
      ]);
      expect(told).to.deep.equal([]);
      expect(alert.state).to.equal('closed');
    });
  });

  it('closes as paused or deleted, and never as up, when nobody watches its target any more', () => {
    const paused = { ...DOWN, endedMs: START + MINUTE, target: { ...TARGET, isEnabled: false } };
    const deleted = { ...DOWN, endedMs: START + MINUTE, target: null };
    for (const [facts, ending] of [
      [paused, 'paused'],
      [deleted, 'deleted'],
    ] as const) {
      const { told, last } = story(opened(), [MINUTE, facts]);
      expect(told).to.deep.equal(['resolved to 1']);
      expect(last.ending).to.equal(ending);
    }
  });

  describe('with reminders and escalation', () => {
    const facts = { ...DOWN, channels: [OPS, PAGER] };

    it('goes to a channel with a delay when it is over, and is repeated as often as the channel says', () => {
      const { told } = story(
        PENDING,
        [0, facts],
        [10 * MINUTE, facts],
        [70 * MINUTE, facts],
        [71 * MINUTE, facts],
      );
      expect(told).to.deep.equal(['opened to 1', 'opened to 2', 'reminder to 2']);
    });

    it('stops both when it is acknowledged, and says so once to those who understand it', () => {
      const escalated = story(PENDING, [0, facts], [10 * MINUTE, facts]).alert;
      const acknowledged = { ...escalated, acknowledgedMs: START + 11 * MINUTE };
      const { told, last } = story(acknowledged, [11 * MINUTE, facts], [200 * MINUTE, facts]);
      expect(told).to.deep.equal(['acknowledged to 2']);
      expect(last.dueMs).to.equal(null);
    });

    it('does not escalate what was acknowledged before', () => {
      const acknowledged = { ...opened(facts), acknowledgedMs: START + MINUTE };
      expect(story(acknowledged, [20 * MINUTE, facts]).told).to.deep.equal([]);
    });
  });

  it('is told again when its condition becomes worse, even if it is acknowledged', () => {
    const certificate: Alert = { ...PENDING, kind: 'certificate' };
    const warned = story(certificate, [0, { ...DOWN, level: 1 }]).alert;
    const { told } = story(
      { ...warned, acknowledgedMs: START },
      [MINUTE, { ...DOWN, level: 2 }],
      [MINUTE, { ...DOWN, level: 2 }],
    );
    expect(told).to.deep.equal(['reminder to 1']);
  });

  describe('during a silence', () => {
    const silenced = { ...DOWN, silencedUntilMs: START + 30 * MINUTE };

    it('is held, and never told if it is over before the silence is', () => {
      const { alert, told } = story(
        PENDING,
        [0, silenced],
        [20 * MINUTE, { ...silenced, endedMs: START + 20 * MINUTE }],
      );
      expect(alert.state).to.equal('closed');
      expect(told).to.deep.equal([]);
    });

    it('is told after it, if a check made then finds the target down still', () => {
      const after = { ...DOWN, target: { ...TARGET, checkedMs: START + 31 * MINUTE } };
      const { told, checks } = story(PENDING, [0, silenced], [30 * MINUTE, DOWN], [31 * MINUTE, after]);
      expect(checks).to.deep.equal(['target']);
      expect(told).to.deep.equal(['opened to 1']);
    });

    it('is told after half a minute if no such check comes', () => {
      const { told } = story(PENDING, [0, silenced], [30 * MINUTE, DOWN], [30 * MINUTE + 30 * SECOND, DOWN]);
      expect(told).to.deep.equal(['opened to 1']);
    });

    it('holds reminders back, and lets the end of what was told out', () => {
      const facts = { ...DOWN, channels: [{ ...OPS, reminderMs: 10 * MINUTE }] };
      const quiet = story(opened(facts), [10 * MINUTE, silenced]);
      expect(quiet.told).to.deep.equal([]);
      expect(dueIn(quiet.last)).to.equal(11 * MINUTE);
      const ended = { ...upSince(START + 12 * MINUTE), silencedUntilMs: START + 30 * MINUTE };
      expect(story(quiet.alert, [15 * MINUTE, ended]).told).to.deep.equal(['resolved to 1']);
    });
  });

  describe('of a target that depends on another', () => {
    const unsure = { ...DOWN, parent: { isDown: false, checkedMs: START - SECOND } };
    const parentDown = { ...DOWN, parent: { isDown: true, checkedMs: START + SECOND } };
    const parentUp = { ...DOWN, parent: { isDown: false, checkedMs: START + SECOND } };

    it('asks for a check of the parent, and is told when that is up', () => {
      const { told, checks } = story(PENDING, [0, unsure], [SECOND, parentUp]);
      expect(checks).to.deep.equal(['parent']);
      expect(told).to.deep.equal(['opened to 1']);
    });

    it('waits half a minute for that check, and no longer', () => {
      expect(story(PENDING, [0, unsure], [29 * SECOND, unsure]).told).to.deep.equal([]);
      expect(story(PENDING, [0, unsure], [30 * SECOND, unsure]).told).to.deep.equal(['opened to 1']);
    });

    it('is held while the parent is down, and closes without a word if it recovers with it', () => {
      const { alert, told } = story(
        PENDING,
        [0, parentDown],
        [MINUTE, { ...parentUp, endedMs: START + MINUTE }],
      );
      expect(alert.state).to.equal('closed');
      expect(told).to.deep.equal([]);
    });

    it('is told if the parent recovers and it does not', () => {
      expect(story(PENDING, [0, parentDown], [5 * MINUTE, parentUp]).told).to.deep.equal(['opened to 1']);
    });
  });

  describe('found by a worker that lost most of its targets at once', () => {
    const lost = { ...DOWN, isWorkerLost: true };

    it('is held for two minutes at most, and then says that our network may be at fault', () => {
      const held = story(PENDING, [0, lost], [MINUTE, lost]);
      expect(held.told).to.deep.equal([]);
      const { told, alert } = story(held.alert, [2 * MINUTE + 100, lost]);
      expect(told).to.deep.equal(['opened to 1']);
      expect(alert.mayBeOurNetwork).to.equal(true);
    });

    it('is not told if its target is up again by then', () => {
      const { told, alert } = story(PENDING, [0, lost], [MINUTE, upSince(START + MINUTE)]);
      expect(told).to.deep.equal([]);
      expect(alert.state).to.equal('closed');
    });
  });

  it('of a child is never told while its parent is down, and once at most, in whatever order both change', () => {
    const ENDED = { endedMs: START + MINUTE, target: { ...TARGET, isUpNow: true } };
    const parents = [null, START - SECOND, START + SECOND].flatMap(checkedMs =>
      [true, false].map(isDown => ({ isDown, checkedMs })),
    );
    const moments = parents.flatMap(parent => [
      { ...DOWN, parent },
      { ...DOWN, ...ENDED, parent },
    ]);
    const orders = moments.flatMap(a => moments.flatMap(b => moments.map(c => [a, b, c])));
    for (const order of orders) {
      let alert = PENDING;
      let openings = 0;
      for (const [index, facts] of order.entries()) {
        const step = advance(alert, facts, SETTINGS, START + index * MINUTE);
        const opens = step.deliveries.some(({ news }) => news === 'opened');
        expect(opens && facts.parent.isDown).to.equal(false);
        openings += Number(opens);
        alert = step.alert;
      }
      expect(openings).to.be.at.most(1);
    }
  });

  it('of a condition closes as soon as that is over', () => {
    const slow: Alert = { ...PENDING, kind: 'slow' };
    const { told } = story(slow, [0, DOWN], [MINUTE, { ...DOWN, endedMs: START + MINUTE }]);
    expect(told).to.deep.equal(['opened to 1', 'resolved to 1']);
  });

  it('never says "up again" unless it said "down", whatever happens in whatever order', () => {
    const moments = [
      DOWN,
      upSince(START + MINUTE),
      { ...DOWN, silencedUntilMs: START + 9 * MINUTE },
      { ...DOWN, isWorkerLost: true },
      { ...DOWN, parent: { isDown: true, checkedMs: null } },
      { ...DOWN, endedMs: START + MINUTE, target: null },
    ];
    const orders = moments.flatMap(a =>
      moments.flatMap(b => moments.flatMap(c => moments.map(d => [a, b, c, d]))),
    );
    for (const order of orders) {
      const { told } = story(PENDING, ...order.map((facts, index) => [index * 4 * MINUTE, facts] as const));
      const openings = told.filter(one => one === 'opened to 1').length;
      const ends = told.filter(one => one === 'resolved to 1').length;
      expect(openings, told.join()).to.be.at.most(1);
      expect(ends, told.join()).to.be.at.most(openings);
    }
  });
});
