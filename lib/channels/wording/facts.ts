import type { Message, Told } from '../../alerting/message.ts';
import { PHASES } from '../../domain/check/answer.ts';
import { causeExplained } from './cause-name.ts';
import { durationText, phaseText } from './duration.ts';
import { safeText } from './safe-text.ts';
import { type Times, timesIn } from './times.ts';

/** One line of what is known: a label and a text, both safe to show once their markup is escaped. */
export interface Fact {
  readonly label: string;
  readonly text: string;
}

const LABELS_SHOWN_MAX = 12;

/** What is known about one alert, the most important first. */
export function factsOf(told: Told, { timeZone, atMs }: Pick<Message, 'timeZone' | 'atMs'>): readonly Fact[] {
  const times = timesIn(timeZone);
  const isOver = told.news === 'resolved';
  const facts: (Fact | null)[] = [
    fact('Website', told.target === null ? null : safeText(told.target.url, 300)),
    when(told, times, atMs),
    fact('Why', isOver ? null : sentence(why(told))),
    fact('Cause', isOver ? sentence(causeExplained(told.cause)?.means) : null),
    fact('What to do', isOver ? null : sentence(causeExplained(told.cause)?.remedy)),
    fact('Incidents', told.incidents > 1 ? `${told.incidents} in a row` : null),
    isOver || told.lastGoodAtMs === null ? null : fact('Last good check', times.full(told.lastGoodAtMs)),
    fact('Measured', isOver ? null : measured(told)),
    fact('Acknowledged by', told.acknowledgedBy === null ? null : safeText(told.acknowledgedBy, 60)),
    fact('Labels', labels(told)),
  ];
  return facts.filter(one => one !== null);
}

const fact = (label: string, text: string | null | undefined): Fact | null => (text ? { label, text } : null);

const sentence = (text: string | null | undefined): string | null =>
  text ? text.charAt(0).toUpperCase() + text.slice(1) : null;

function when(told: Told, times: Times, atMs: number): Fact | null {
  const { kind, sinceMs, untilMs } = told;
  if (kind === 'test') return fact('Sent', times.full(atMs));
  if (untilMs === null) return fact('Since', `${times.full(sinceMs)}, for ${durationText(atMs - sinceMs)}`);
  return fact('When', `${times.span(sinceMs, untilMs)}, ${durationText(untilMs - sinceMs)}`);
}

function why({ cause, detail }: Told): string | null {
  const means = causeExplained(cause)?.means;
  const more = detail === null ? '' : safeText(detail, 500);
  if (means === undefined) return more || null;
  return more === '' ? means : `${means} (${more})`;
}

function measured({ check }: Told): string | null {
  if (check === null) return null;
  const phases = PHASES.flatMap(([name, key]) => {
    const tookUs = check.phases[key];
    return tookUs === null ? [] : [`${PHASE_NAMES[name]} ${phaseText(tookUs)}`];
  });
  const status = check.httpStatus === null ? [] : [`HTTP status ${check.httpStatus}`];
  return [...status, ...phases, `in all ${phaseText(check.phases.totalUs)}`].join(', ');
}

const PHASE_NAMES = {
  dns: 'DNS',
  connect: 'connect',
  tls: 'TLS',
  ttfb: 'first byte',
  transfer: 'content',
} as const satisfies Record<(typeof PHASES)[number][0], string>;

function labels({ target }: Told): string | null {
  const all = Object.entries(target?.labels ?? {});
  const shown = all
    .slice(0, LABELS_SHOWN_MAX)
    .map(([name, value]) => `${safeText(name, 40)}=${safeText(value, 60)}`);
  return [...shown, ...(all.length > LABELS_SHOWN_MAX ? ['…'] : [])].join(', ') || null;
}
