import { cleanDetail } from '../domain/clean-text.ts';

/** The answer to a health probe. `reason` is one line without secrets. */
export interface Health {
  readonly isWell: boolean;
  readonly reason: string;
}

/** Work for which a worker needs the database. */
export type Work = 'lease' | 'record' | 'listen';

/**
 * The readiness of a worker. The pipeline reports to it; the serving thread is told.
 *
 * A worker is ready if its last lease pass succeeded, and its last recording, if there was any: without due
 * targets there is none. LISTEN is not required, since the worker polls without it.
 */
export function createHealth() {
  const troubles = new Map<Work, string>([
    ['lease', 'no lease pass yet'],
    ['listen', 'not up yet'],
  ]);
  let isStopping = false;
  let changed = (): void => {};

  return {
    /** Calls `listener` whenever readiness may have changed. */
    onChange: (listener: () => void): void => {
      changed = listener;
    },
    worked: (work: Work): void => {
      if (troubles.delete(work)) changed();
    },
    failed: (work: Work, reason: string): void => {
      troubles.set(work, cleanDetail(reason));
      changed();
    },
    /** Makes it unready for good, so that a balancer or rollout turns to other workers. */
    stopping: (): void => {
      isStopping = true;
      changed();
    },
    ready: (): Health => {
      const reasons = (['lease', 'record'] as const)
        .filter(work => troubles.has(work))
        .map(work => `${work}: ${troubles.get(work)}`);
      if (isStopping) reasons.unshift('stopping');
      if (reasons.length > 0) return { isWell: false, reason: reasons.join('; ') };
      const listen = troubles.get('listen');
      return {
        isWell: true,
        reason: listen === undefined ? 'listening' : `polling; listen: ${listen}`,
      };
    },
  };
}
