import { firstValueFrom } from 'rxjs';
import type { Answer, Phases } from '../../lib/domain/check/answer.ts';
import type { PrivateTargets } from '../../lib/domain/target/private-targets.ts';
import type { Target } from '../../lib/domain/target/target.ts';
import type { Resolve } from '../../lib/net/names/resolution.ts';
import type { FetchSettings } from '../../lib/probe/create-fetch.ts';
import { createFetch } from '../../lib/probe/create-fetch.ts';
import { aTarget } from './a-target.ts';
import type { Answered, Failed } from './an-answer.ts';

/** Every name is this machine. */
export const everyNameIsLocal: Resolve = async () => ({
  kind: 'resolved',
  addresses: [{ address: '127.0.0.1', family: 4 }],
});

export const ANY_ADDRESS: PrivateTargets = { all: true, ranges: [] };

/** Time that specs on a busy machine may be held up, without a verdict that changes */
const SLACK_MS = 10_000;

/** Fetches once with `settings`, to the end. */
export const fetcherWith =
  (settings: Partial<FetchSettings> = {}) =>
  (url: string, target: Partial<Target> = {}, budgetMs = 5000, slackMs = SLACK_MS): Promise<Answer> => {
    const fetch = createFetch({ resolve: everyNameIsLocal, privateTargets: ANY_ADDRESS, ...settings });
    return firstValueFrom(fetch(aTarget({ url, ...target }), performance.now() + budgetMs, false, slackMs));
  };

export function answered(answer: Answer): Answered {
  if (answer.kind !== 'answered') throw new Error(`expected an answer, got ${JSON.stringify(answer)}`);
  return answer;
}

export function failed(answer: Answer): Failed {
  if (answer.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
  return answer;
}

/** Which phases happened, in their order. */
export const phasesOf = ({ totalUs: _, ...phases }: Phases): string[] =>
  Object.entries(phases)
    .filter(([, us]) => us !== null)
    .map(([name]) => name.slice(0, -'Us'.length));
