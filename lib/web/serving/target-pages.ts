import { setImmediate } from 'node:timers/promises';
import { cleanDetail } from '../../domain/clean-text.ts';
import { parseSelection, type TargetSelection } from '../../domain/target/target-selection.ts';
import type { TargetState } from '../../domain/target/target-state.ts';
import { TARGET_LABELS, TARGET_METRICS } from '../../metrics/target-catalogue.ts';
import type { Page } from '../page.ts';

export interface TargetPageSettings {
  /** Reads at most `targetsMax` targets. Rejects if the database does not answer */
  readonly read: (selection: TargetSelection, targetsMax: number) => Promise<readonly TargetState[]>;
  /** Describes an error of `read` without secrets */
  readonly describeError: (error: unknown) => string;
  /** Most targets that one scrape may select; more are refused, since they could make millions of series */
  readonly targetsMax: number;
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Enough for a pair of Prometheus servers; more would load the database. */
const READS_MAX = 2;

/** Answers a scrape with the metrics of the selected targets, by one read of the database. Never rejects. */
export function targetPages({ read, describeError, targetsMax }: TargetPageSettings) {
  let reading = 0;
  return async (query: URLSearchParams): Promise<Page> => {
    const selection = parseSelection(query);
    if (typeof selection === 'string') return refuse(400, selection);
    if (reading >= READS_MAX) return refuse(503, `${READS_MAX} scrapes are already under way; try again`);
    reading += 1;
    try {
      const states = await read(selection, targetsMax + 1);
      return states.length > targetsMax ? refuse(400, tooMany(targetsMax)) : await show(states);
    } catch (error) {
      return refuse(503, `cannot read the targets: ${cleanDetail(describeError(error))}`);
    } finally {
      reading -= 1;
    }
  };
}

const refuse = (status: number, reason: string): Page => ({ status, body: `${reason}\n` });

const tooMany = (targetsMax: number): string =>
  `more than ${targetsMax} targets selected; select fewer, as in ?id=1-${targetsMax} or ?only=down, or raise --max-scraped-targets`;

/** Does not use prom-client, which blocks the event loop for 130 ms per 1,000 targets; yields after each metric. */
async function show(states: readonly TargetState[]): Promise<Page> {
  const labelled = states.map(state => ({ state, labels: labelsOf(state) }));
  const parts: string[] = [];
  for (const { name, kind, meaning, series = [{}], read } of Object.values(TARGET_METRICS)) {
    await setImmediate();
    parts.push(`# HELP ${name} ${meaning}\n# TYPE ${name} ${kind}\n`);
    for (const more of series) {
      const moreLabels = Object.entries(more).map(([label, word]) => `,${label}="${word}"`);
      for (const { state, labels } of labelled) {
        const value = read(state, more);
        if (value !== null) parts.push(`${name}{${labels}${moreLabels}} ${value}\n`);
      }
    }
  }
  return { status: 200, body: parts.join(''), type: PROMETHEUS_TEXT };
}

const labelsOf = (state: TargetState): string =>
  Object.entries(TARGET_LABELS)
    .map(([label, wordOf]) => `${label}="${escapeLabel(wordOf(state))}"`)
    .join(',');

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

const escapeLabel = (text: string): string => text.replace(/[\\"\n]/g, character => ESCAPED[character] ?? '');
