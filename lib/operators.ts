/** `website-monitor/operators`: general RxJS operators that depend on RxJS only. See `docs/EMBEDDING.md`. */
export { beside } from './operators/beside.ts';
export { coalesceMap } from './operators/coalesce-map.ts';
export { gatherMap } from './operators/gather-map.ts';
export { retryWithBackoff } from './operators/retry-with-backoff.ts';
export { sleep } from './operators/sleep.ts';
