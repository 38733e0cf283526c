import { expect } from 'chai';
import { WORKER_METRICS } from '../../lib/metrics/catalogue.ts';
import { createInstruments } from '../../lib/metrics/instruments.ts';
import type { MetricEntry } from '../../lib/metrics/metric-entry.ts';
import { TARGET_LABELS, TARGET_METRICS } from '../../lib/metrics/target-catalogue.ts';
import { alerts, dashboard, dashboardQueries, monitoringFile } from '../support/monitoring-files.ts';
import { groupingsOf, selectorsOf } from '../support/promql.ts';

/** Of one label the words that it can have; null: whatever there is */
type Labels = ReadonlyMap<string, readonly string[] | null>;

const SCRAPED: Labels = new Map([
  ['job', ['website-monitor', 'website-monitor-targets']],
  ['instance', null],
]);

const labelsOf = ({ series = [] }: MetricEntry, of: readonly string[]): Labels => {
  const names = Object.keys(series[0] ?? {});
  const words = names.map(name => [name, [...new Set(series.map(labels => labels[name] ?? ''))]] as const);
  return new Map([...SCRAPED, ...words, ...of.map(label => [label, null] as const)]);
};

/** The names under which Prometheus stores a metric */
const storedAs = ({ name, kind }: MetricEntry): string[] =>
  kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];

const known = new Map<string, Labels>([['up', SCRAPED]]);
for (const entry of Object.values<MetricEntry>(WORKER_METRICS)) {
  for (const name of storedAs(entry))
    known.set(name, labelsOf(entry, name.endsWith('_bucket') ? ['le'] : []));
}
for (const entry of Object.values(TARGET_METRICS)) {
  known.set(entry.name, labelsOf(entry, Object.keys(TARGET_LABELS)));
}

const asked = [...alerts(), ...dashboardQueries()];
const ofTargets = new Set(Object.values(TARGET_METRICS).map(({ name }) => name));
const counted = new Set(
  Object.values<MetricEntry>(WORKER_METRICS)
    .filter(({ kind }) => kind !== 'gauge')
    .flatMap(storedAs),
);

describe('The files for Prometheus and Grafana', () => {
  before(async () => {
    for (const { name } of await createInstruments().registry.getMetricsAsJSON())
      if (!name.startsWith('website_monitor_')) known.set(name, SCRAPED);
  });

  it('have been read', () => {
    expect(alerts()).to.have.length(16);
    expect(dashboardQueries()).to.have.length.above(30);
    const rules = monitoringFile('prometheus/rules.yaml');
    expect(alerts()).to.have.length(rules.match(/\bexpr:/g)?.length ?? 0);
    for (const { where, expr } of asked) expect(selectorsOf(expr), `${where}: ${expr}`).to.not.be.empty;
  });

  for (const { where, expr, labelsShown } of asked) {
    it(`name what the catalogue has, and nothing else: ${where}: ${expr}`, () => {
      const labels = new Set<string>();
      for (const { name, matchers } of selectorsOf(expr)) {
        const its = known.get(name);
        if (!its) throw new Error(`no such metric: ${name}`);
        for (const label of its.keys()) labels.add(label);
        for (const { label, operator, text } of matchers) {
          expect([...its.keys()], name).to.include(label);
          const words = its.get(label);
          if (words && !operator.includes('~')) expect(words, `${name}{${label}}`).to.include(text);
        }
      }
      expect([...labels]).to.include.members(groupingsOf(expr));
      const kept = /\b(sum|max|min|avg|count)\b/.test(expr) ? groupingsOf(expr) : [...labels];
      expect(kept).to.include.members([...labelsShown]);
    });

    it(`count a target once and a worker's counters all: ${where}: ${expr}`, () => {
      for (const { name, before } of selectorsOf(expr)) {
        if (ofTargets.has(name))
          expect(before).to.match(
            /max by \(target_id, url(, phase)?\) \((avg_over_time\()?$|unless on \(\) count\($/,
          );
        if (counted.has(name)) expect(before).to.match(/sum(?: by \([^)]*\) ?)?\((rate|increase)\($/);
      }
    });
  }

  it('choose from what there is', () => {
    const { list } = dashboard().templating;
    expect(list.map(({ name }) => name)).to.deep.equal(['datasource', 'instance', 'url']);
    for (const { definition } of list) {
      if (definition === undefined) continue;
      const [, name = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      expect([...(known.get(name)?.keys() ?? [])]).to.include(label);
    }
  });

  it('have a test for every alert, one that raises it and one that must not', () => {
    const tests = monitoringFile('prometheus/rules.test.yaml');
    for (const { where } of alerts()) {
      const cases = tests.split(/(?=- eval_time: )/).filter(text => text.includes(`alertname: ${where}\n`));
      expect(
        cases.map(text => text.includes('exp_labels')),
        where,
      ).to.include.members([true, false]);
    }
  });
});
