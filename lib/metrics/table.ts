import type { Catalogue } from './catalogue.ts';

/** The service's own metrics as the README shows them, in Markdown. */
export async function metricsTable({ registry }: Catalogue): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  const rows = metrics
    .filter(({ name }) => name.startsWith('website_monitor_'))
    .map(({ name, type, help }) => {
      // prom-client keeps the label names to itself, for its types' sake only
      const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
      const labels = labelNames.length > 0 ? `{${labelNames.join(',')}}` : '';
      return `| \`${name}${labels}\` | ${type} | ${help} |`;
    });
  return ['| metric | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}
