import type { Target } from '../../domain/target/target.ts';
import type { TargetRow as Row } from '../../targets/field.ts';
import { checkedFields } from '../../targets/target-of.ts';

/** As `website_monitor.target_as_json` builds it; nulls are left out. */
export interface TargetRow extends Row {
  readonly id: string;
  readonly version: number;
  readonly url: string;
  readonly regexBreaches: number;
  readonly regexProblem?: string;
  readonly createdBy?: string;
}

/** @param timeoutMs the target's timeout, else the service's */
export function toTarget(row: TargetRow, timeoutMs: number): Target {
  const { pattern, ...fields } = checkedFields((_name, { fromRow }) => fromRow(row));
  return {
    id: row.id,
    version: row.version,
    url: row.url,
    ...fields,
    pattern: pattern && { ...pattern, overruns: row.regexBreaches, problem: row.regexProblem ?? null },
    timeoutMs,
    createdBy: row.createdBy ?? null,
  };
}
