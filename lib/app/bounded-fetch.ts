import { defer, map, race, take, timer } from 'rxjs';
import type { Ports } from '../checking/ports.ts';
import { failed } from '../domain/check/make-answer.ts';

/** Grace after its deadline: a fetch ends then, and needs a moment to report it. */
const LATE_MS_MAX = 1_000;

/** Bounds a fetch that an embedder wrote: one that ignores its deadline must not hold its place for ever. */
export const boundedFetch =
  (fetch: Ports['fetch']): Ports['fetch'] =>
  (target, deadlineMonotonicMs, onNewConnection, slackMs = 0) =>
    race(
      defer(() => fetch(target, deadlineMonotonicMs, onNewConnection, slackMs)),
      defer(() => timer(Math.max(0, deadlineMonotonicMs - performance.now()) + slackMs + LATE_MS_MAX)).pipe(
        map(() => failed('internal_error', 'the fetch did not end by its deadline')),
      ),
    ).pipe(take(1));
