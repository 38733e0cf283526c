import pg from 'pg';
import type { Database, Query } from '../../lib/postgres/database.ts';

/** One node of what EXPLAIN tells in JSON; more keys than these. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Subplan Name'?: string;
  readonly 'CTE Name'?: string;
  /** Of each loop */
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

export interface Explained {
  readonly database: Database;
  /** The plan of the newest run of that statement, as it was run. */
  readonly planOf: (text: string) => PlanNode;
}

export type PlanMode = 'force_generic_plan' | 'force_custom_plan';

/**
 * One connection on which everything runs as it would, and which keeps the plan of each statement
 * with what it touched. Needs a superuser.
 */
export async function explained(dsn: string, planMode: PlanMode): Promise<Explained> {
  const plans = new Map<string, PlanNode>();
  const client = new pg.Client({ connectionString: dsn, options: optionsFor(planMode) });
  client.on('notice', ({ message = '' }) => {
    const [, json] = /^duration: .* plan:\n(.*)$/s.exec(message) ?? [];
    if (json === undefined) return;
    const { 'Query Text': text, Plan: plan } = JSON.parse(json);
    plans.set(text, plan);
  });
  await client.connect();
  const query: Query = async (text, values) => (await client.query(text, values)).rows;
  const transaction: Database['transaction'] = async work => {
    await client.query('BEGIN');
    const result = await work(query);
    await client.query('COMMIT');
    return result;
  };
  return {
    database: { query, transaction, close: () => client.end() },
    planOf: text => {
      const plan = plans.get(text);
      if (!plan) throw new Error(`this statement was not run: ${text.slice(0, 60)}…`);
      return plan;
    },
  };
}

const optionsFor = (planMode: PlanMode): string =>
  Object.entries({
    plan_cache_mode: planMode,
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': 0,
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_buffers': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice', // to us, and not to the server's log
  })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** A table of a dozen pages is read fastest from end to end. */
const SMALL_TABLE_ROWS = 1_000;

/** The tables that a plan reads from end to end, small ones left out. */
export const tablesScanned = (plan: PlanNode): string[] =>
  nodesOf(plan)
    .filter(node => node['Node Type'] === 'Seq Scan' && rowsReadBy(node) > SMALL_TABLE_ROWS)
    .map(node => node['Relation Name'] ?? '');

/** Pages that the statement touched, as often as it did. */
export function buffersTouched(plan: PlanNode): number {
  const nodes = nodesOf(plan);
  const ctesRead = new Set(nodes.map(node => node['CTE Name']));
  // What writes and is read by nobody runs after the root has ended, and is not counted in it.
  const afterwards = nodes.filter(({ 'Subplan Name': name }) => name && isUnreadCte(name, ctesRead));
  return [plan, ...afterwards].reduce((sum, node) => sum + pagesOf(node), 0);
}

const rowsReadBy = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];

const pagesOf = (node: PlanNode): number => node['Shared Hit Blocks'] + node['Shared Read Blocks'];

const isUnreadCte = (subplan: string, ctesRead: ReadonlySet<string | undefined>): boolean =>
  subplan.startsWith('CTE ') && !ctesRead.has(subplan.slice('CTE '.length));
