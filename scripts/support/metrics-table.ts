import type { MetricEntry } from '../../lib/metrics/metric-entry.ts';

/** Words of one label that a cell shows; of causes there are more, and a document of their own. */
const WORDS_SHOWN_MAX = 10;

/** Metrics as the documents show them, in Markdown. */
export function metricsTable(metrics: Readonly<Record<string, MetricEntry>>): string {
  const rows = Object.values(metrics).map(
    entry =>
      `| \`${entry.name}\` | ${entry.kind} | ${entry.unit} | ${labelsCell(entry)} | ${entry.meaning} |`,
  );
  return ['| metric | kind | unit | labels | meaning |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function labelsCell({ series = [] }: MetricEntry): string {
  const names = Object.keys(series[0] ?? {});
  const wordsOf = (name: string): string[] => [...new Set(series.map(labels => String(labels[name])))];
  return names.map(name => `\`${name}\`: ${wordsCell(wordsOf(name))}`).join('; ') || '–';
}

const wordsCell = (words: readonly string[]): string =>
  words.every(word => /^\d+$/.test(word))
    ? `\`${words[0]}\` to \`${words.at(-1)}\``
    : words.length > WORDS_SHOWN_MAX
      ? `\`${words[0]}\` or one of [${words.length - 1} causes](CAUSES.md)`
      : words.map(word => `\`${word}\``).join(', ');
