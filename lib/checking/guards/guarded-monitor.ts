import type { Observable } from 'rxjs';
import { requireNode } from '../../domain/node-problem.ts';
import { monitor, type PipelineSettings } from '../pipeline.ts';
import type { Hooks, Ports, Recorded } from '../ports.ts';
import { guardFetch } from './guard-fetch.ts';
import { guardHooks } from './guard-hooks.ts';
import { guardMatch } from './guard-match.ts';
import { requireSettings } from './require-settings.ts';
import { returnLeases } from './return-leases.ts';

/**
 * The pipeline over ports of your own: wake-ups lease due slots, as many as there is room for; each slot is checked,
 * and checks are recorded in batches.
 *
 * Cold: each subscription is a run of its own. Emits each recorded batch. Completes after `ports.stopping` has emitted
 * and all leased slots are recorded or given back. Errors only if `wakeUps`, `lease` or `record` does, and gives
 * back what is leased first. A hook that throws is named once, in a warning of the process.
 *
 * @throws RangeError that names every invalid setting
 */
export function guardedMonitor(ports: Ports, settings: PipelineSettings): Observable<Recorded> {
  requireNode(process.versions.node);
  requireSettings(settings);
  const guarded = {
    ...ports,
    fetch: guardFetch(ports.fetch),
    match: guardMatch(ports.match),
    hooks: guardHooks(ports.hooks, warnOfHook),
  };
  return returnLeases(guarded, watched => monitor(watched, settings));
}

const warnOfHook = (name: keyof Hooks, error: unknown): void =>
  process.emitWarning(`the hook ${name} threw: ${error instanceof Error ? error.message : 'unknown error'}`, {
    code: 'WEBSITE_MONITOR_HOOK',
  });
