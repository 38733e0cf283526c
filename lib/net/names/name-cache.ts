import { LRUCache } from 'lru-cache';
import type { Resolution } from './resolution.ts';

/** The result of a lookup, and how long it may be cached. */
export interface Found {
  readonly resolution: Resolution;
  readonly validMs: number;
}

const NAMES_MAX = 10_000;

/**
 * Caches lookups for as long as each allows. Concurrent lookups of a name share one. Holds at most 10,000
 * names and evicts the least recently used.
 *
 * @param nowMs monotonic; an argument so that tests choose it
 */
export function createNameCache(
  lookUp: (hostname: string) => Promise<Found>,
  nowMs: () => number = () => performance.now(),
): (hostname: string) => Promise<Resolution> {
  const kept = new LRUCache<string, { readonly resolution: Resolution; readonly untilMs: number }>({
    max: NAMES_MAX,
  });
  const running = new Map<string, Promise<Resolution>>();

  const start = async (hostname: string): Promise<Resolution> => {
    try {
      const { resolution, validMs } = await lookUp(hostname);
      if (validMs > 0) kept.set(hostname, { resolution, untilMs: nowMs() + validMs });
      return resolution;
    } finally {
      running.delete(hostname);
    }
  };

  return hostname => {
    const known = kept.get(hostname);
    if (known !== undefined && known.untilMs > nowMs()) return Promise.resolve(known.resolution);
    kept.delete(hostname);
    const lookup = running.get(hostname) ?? start(hostname);
    running.set(hostname, lookup);
    return lookup;
  };
}
