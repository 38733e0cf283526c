import { readFileSync } from 'node:fs';

/** Something that is asked of Prometheus, and the labels that what shows the answer counts on. */
export interface Asked {
  /** Where it stands */
  readonly where: string;
  readonly expr: string;
  readonly labelsShown: readonly string[];
}

export const monitoringFile = (path: string): string =>
  readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');

const wordsAfter = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, word = '']) => word);

/** The alerts, read as roughly as their layout allows: an expression is one line, or a block of them. */
export function alerts(): Asked[] {
  const [, ...parts] = monitoringFile('prometheus/rules.yaml').split('- alert: ');
  return parts.map(part => {
    const [, line = '', block = ''] = /^ *expr: (?:\|-\n((?: {10}.*\n)+)|(.*)\n)/m.exec(part) ?? [];
    return {
      where: part.slice(0, part.indexOf('\n')),
      expr: (line || block).replace(/\s+/g, ' ').trim(),
      labelsShown: wordsAfter(part, /\$labels\.(\w+)/g),
    };
  });
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

export const dashboard = (): Dashboard => JSON.parse(monitoringFile('grafana/website-monitor.json'));

/** The dashboard's queries, as Grafana would send them with everything chosen and a minute shown. */
export const dashboardQueries = (): Asked[] =>
  dashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      where: title,
      expr: expr.replaceAll(/\$(instance|url)/g, '.*').replaceAll(/\$__(rate_interval|range)/g, '1m'),
      labelsShown: wordsAfter(legendFormat, /\{\{(\w+)\}\}/g),
    })),
  );
