/**
 * What a program gets that embeds website-monitor: the whole pipeline, its operators, and the
 * adapters to wire it with. `lib/service.ts` is the worked example.
 */
export { checkSlot } from './check-slot.ts';
export type { Answer, Phases } from './domain/answer.ts';
export { type Backoff, backoffMs } from './domain/backoff.ts';
export {
  type Cause,
  DOWN_CAUSES,
  type DownCause,
  UNKNOWN_CAUSES,
  type UnknownCause,
} from './domain/cause.ts';
export type { Check, Outcome, Settled, Unrun, Verdict } from './domain/check.ts';
export { judge, type Observation, type Rules } from './domain/judge.ts';
export type { Lease, Slot } from './domain/lease.ts';
export type { Match } from './domain/match.ts';
export type { Limits, Occupancy } from './domain/occupancy.ts';
export { METHODS, type Method, type Target } from './domain/target.ts';
export { createFetch, type FetchSettings } from './http/create-fetch.ts';
export { createNameResolver, type NameResolver, type NameResolverSettings } from './http/resolve-name.ts';
export { createMatcher, type Matcher, type MatcherSettings } from './matching/matcher.ts';
export { coalesceMap } from './operators/coalesce-map.ts';
export { gatherMap } from './operators/gather-map.ts';
export { retryWithBackoff } from './operators/retry-with-backoff.ts';
export { sleep } from './operators/sleep.ts';
export { monitor, type PipelineSettings } from './pipeline.ts';
export type { LeasePass, Measure, Ports, Saved } from './ports.ts';
export { type Added, addTargets, type NewTargets } from './postgres/add-targets.ts';
export { connectDatabase, type Database, type DatabaseSettings, type Query } from './postgres/database.ts';
export { type HeldBatches, holdBatches } from './postgres/held-batches.ts';
export { type LeaseSettings, leaseSlots } from './postgres/lease-slots.ts';
export { type Heard, type ListenSettings, listen } from './postgres/listen.ts';
export { migrate, requireCurrentSchema, SchemaError } from './postgres/migrate.ts';
export { ensurePartitions, type PrepareSettings, prepareDatabase } from './postgres/prepare-database.ts';
export { type RecordSettings, recordChecks } from './postgres/record-checks.ts';
export { EchoLostError, type WakeUpSettings, wakeUps } from './postgres/wake-ups.ts';
