import type { AlertKind, Count, Message } from '../../alerting/message.ts';

type Turn = 'opened' | 'reminder' | 'acknowledged' | 'recovered' | 'paused' | 'deleted';

/** In the order in which a title names them: bad news first. */
const TURNS: readonly Turn[] = ['opened', 'reminder', 'acknowledged', 'recovered', 'paused', 'deleted'];

const THINGS: Readonly<Record<AlertKind, string>> = {
  down: 'website',
  slow: 'website',
  certificate: 'certificate',
  pattern: 'pattern',
  unknown: 'website',
  channel: 'channel',
  test: 'test',
};

/** Completes "3 websites …", for one and for several. */
const SAYS: Readonly<
  Record<AlertKind, Readonly<Record<'opened' | 'reminder' | 'recovered', [string, string]>>>
> = {
  down: {
    opened: ['is down', 'are down'],
    reminder: ['is still down', 'are still down'],
    recovered: ['is up again', 'are up again'],
  },
  slow: {
    opened: ['is slow', 'are slow'],
    reminder: ['is still slow', 'are still slow'],
    recovered: ['is fast again', 'are fast again'],
  },
  certificate: {
    opened: ['expires soon', 'expire soon'],
    reminder: ['is still not renewed', 'are still not renewed'],
    recovered: ['is renewed', 'are renewed'],
  },
  pattern: {
    opened: ['is set aside', 'are set aside'],
    reminder: ['is still set aside', 'are still set aside'],
    recovered: ['is searched again', 'are searched again'],
  },
  unknown: {
    opened: ['is not checked', 'are not checked'],
    reminder: ['is still not checked', 'are still not checked'],
    recovered: ['is checked again', 'are checked again'],
  },
  channel: {
    opened: ['fails', 'fail'],
    reminder: ['still fails', 'still fail'],
    recovered: ['works again', 'work again'],
  },
  test: {
    opened: ['has begun', 'have begun'],
    reminder: ['goes on', 'go on'],
    recovered: ['is over', 'are over'],
  },
};

/** Counts what happened, in one line: `3 websites are down, 1 is up again`. */
export function groupTitle({ counts }: Pick<Message, 'counts'>): string {
  const sums = TURNS.flatMap(turn =>
    (Object.keys(THINGS) as AlertKind[]).map(kind => ({ turn, kind, count: countOf(counts, turn, kind) })),
  ).filter(({ count }) => count > 0);
  let named = '';
  const clauses = sums.map(({ turn, kind, count }) => {
    const thing = THINGS[kind];
    const subject = thing === named ? `${count}` : `${count} ${thing}${count === 1 ? '' : 's'}`;
    named = thing;
    return `${subject} ${says(turn, kind, count)}`;
  });
  return clauses.join(', ') || 'nothing';
}

const countOf = (counts: readonly Count[], turn: Turn, kind: AlertKind): number =>
  counts
    .filter(count => count.kind === kind && turnOf(count) === turn)
    .reduce((sum, { count }) => sum + count, 0);

const turnOf = ({ news, ending }: Pick<Count, 'news' | 'ending'>): Turn =>
  news === 'resolved' ? (ending ?? 'recovered') : news;

function says(turn: Turn, kind: AlertKind, count: number): string {
  const one = count === 1;
  if (turn === 'acknowledged' || turn === 'paused' || turn === 'deleted')
    return `${one ? 'is' : 'are'} ${turn}`;
  return SAYS[kind][turn][one ? 0 : 1];
}
