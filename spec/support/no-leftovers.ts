import { setTimeout as delay } from 'node:timers/promises';

const ENDING_MAX_MS = 10_000;
const LOOK_AGAIN_AFTER_MS = 20;

/** What keeps this process alive, as `TCPSocketWrap`: 2 */
const resources = (): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

let before: ReadonlyMap<string, number>;

const leftovers = (): string[] =>
  [...resources()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);

/** While a hook waits, mocha has a timer of its own for it. */
const countMochasTimer = (): void => {
  before = new Map(before).set('Timeout', (before.get('Timeout') ?? 0) + 1);
};

/** For mocha, in each of its processes: a file whose specs leave something open fails. */
export const mochaHooks = {
  beforeAll() {
    before = resources();
  },
  async afterAll() {
    const giveUpAtMs = performance.now() + ENDING_MAX_MS;
    if (leftovers().length === 0) return;
    countMochasTimer();
    while (leftovers().length > 0 && performance.now() < giveUpAtMs) await delay(LOOK_AGAIN_AFTER_MS);
    const left = leftovers();
    if (left.length > 0) throw new Error(`still open after the last spec: ${left.join(', ')}`);
  },
};
