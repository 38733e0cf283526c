import { cleanDetail } from '../domain/clean-text.ts';

/** An answer to a probe, with a reason of one line. */
export interface Health {
  readonly isWell: boolean;
  readonly reason: string;
}

/** What the service needs the database for. */
export type Work = 'lease' | 'record' | 'listen';

/**
 * The state that probes see: told by those who do the work, asked for by the server.
 *
 * Ready means that the last lease pass worked, and the last recording too, if there was one: a service
 * without due targets records nothing and is well. LISTEN is not needed, for without it we poll.
 */
export function createHealth() {
  const troubles = new Map<Work, string>([
    ['lease', 'no lease pass yet'],
    ['listen', 'not up yet'],
  ]);
  let isStopping = false;

  return {
    worked: (work: Work): void => void troubles.delete(work),
    failed: (work: Work, reason: string): void => void troubles.set(work, cleanDetail(reason)),
    /** Not ready from now on: a balancer or rollout should look elsewhere. */
    stopping: (): void => {
      isStopping = true;
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

export type HealthState = ReturnType<typeof createHealth>;
