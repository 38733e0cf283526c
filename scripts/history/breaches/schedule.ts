import { type Breach, breachIf, type Inspection } from '../breach.ts';
import { fromMicroseconds } from '../slot-moment.ts';
import type { Schedule } from '../tables.ts';
import { type Account, accountsOf } from './accounts.ts';

/** For targets inserted a few statements after their transaction began */
const TRANSACTION_US_MAX = 1_000_000;

/** Invariants 2 and 9: slots lie on the grid, and each due slot is accounted for once. */
export const inspectSchedule: Inspection = ({ tables }) => {
  const accounts = Map.groupBy(accountsOf(tables), ({ targetId }) => targetId);
  const schedules = new Map(tables.schedules.map(schedule => [schedule.targetId, schedule]));
  const targetIds = new Set([...accounts.keys(), ...schedules.keys()]);
  return [...targetIds].flatMap(targetId => {
    const sorted = (accounts.get(targetId) ?? []).toSorted((one, other) => one.firstUs - other.firstUs);
    const schedule = schedules.get(targetId);
    return [...overlaps(sorted), ...(schedule ? departures(sorted, schedule) : [])];
  });
};

function overlaps(accounts: readonly Account[]): Breach[] {
  let latest: Account | undefined;
  const found: Breach[] = [];
  for (const account of accounts) {
    const isOverlap = latest !== undefined && account.firstUs <= latest.lastUs;
    const detail = `a ${latest?.kind} and a ${account.kind}`;
    found.push(...breachIf(isOverlap, 2, 'accounted for twice', slotOf(account), detail));
    if (latest === undefined || account.lastUs > latest.lastUs) latest = account;
  }
  return found;
}

/**
 * Walks along the grid from one account to the next. Only the first may lie off the grid: after an edit, right behind a
 * slot of the former schedule that was leased ahead.
 */
function departures(accounts: readonly Account[], schedule: Schedule): Breach[] {
  const { targetId, sinceUs, nextUs } = schedule;
  const after = (momentUs: number): number => nextOnGrid(momentUs, schedule);
  const observed = accounts.filter(({ lastUs }) => lastUs >= sinceUs);
  const [first] = observed;
  const begunByUs = after(sinceUs + TRANSACTION_US_MAX);
  const found = observed.flatMap((account, index): readonly Breach[] => {
    const former = observed[index - 1];
    const isOnGrid = (us: number): boolean => after(us - 1) === us;
    const isFirst = former === undefined || account.firstUs === former.lastUs + 1;
    const isAstray = !isFirst && !isOnGrid(account.firstUs);
    const isMiscounted = account.slots !== countOnGrid(account, schedule);
    return [
      ...breachIf(isAstray, 9, 'off the grid', slotOf(account), `a ${account.kind}`),
      ...breachIf(isMiscounted, 2, 'a gap with a wrong count', slotOf(account), `${account.slots} slots`),
      ...(former ? missing(targetId, after(former.lastUs), account.firstUs) : []),
    ];
  });
  const lastUs = observed.reduce((latestUs, account) => Math.max(latestUs, account.lastUs), 0);
  const begunLate = (first?.firstUs ?? nextUs) > begunByUs;
  return [
    ...breachIf(
      begunLate,
      2,
      'not accounted for',
      { targetId, slotUs: begunByUs },
      'before the first account',
    ),
    ...found,
    ...(first ? missing(targetId, after(lastUs), nextUs) : []),
  ];
}

/** The missing slots from `expectedUs` until the next account, if it comes later. */
const missing = (targetId: string, expectedUs: number, nextUs: number): readonly Breach[] =>
  breachIf(
    nextUs > expectedUs,
    2,
    'not accounted for',
    { targetId, slotUs: expectedUs },
    `nothing until ${fromMicroseconds(nextUs)}`,
  );

/** Equals `date_bin(interval, moment, origin) + interval`. */
const nextOnGrid = (momentUs: number, { intervalUs, gridOriginUs }: Schedule): number => {
  const beyondUs = (momentUs - gridOriginUs) % intervalUs;
  return momentUs - (beyondUs < 0 ? beyondUs + intervalUs : beyondUs) + intervalUs;
};

const countOnGrid = ({ firstUs, lastUs }: Account, schedule: Schedule): number =>
  1 + (nextOnGrid(lastUs, schedule) - nextOnGrid(firstUs, schedule)) / schedule.intervalUs;

const slotOf = ({ targetId, firstUs }: Account) => ({ targetId, slotUs: firstUs });
