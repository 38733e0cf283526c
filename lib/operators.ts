/** `website-monitor/operators`: they know RxJS and nothing else. */
export { coalesceMap } from './operators/coalesce-map.ts';
export { gatherMap } from './operators/gather-map.ts';
export { retryWithBackoff } from './operators/retry-with-backoff.ts';
export { sleep } from './operators/sleep.ts';
