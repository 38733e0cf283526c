/**
 * `website-monitor`: runs the monitor inside another program. Exports the whole monitor (`createMonitor`), the
 * pipeline with its ports, the adapters that fill them, and the domain types. The ports that need PostgreSQL
 * are in `website-monitor/postgres`, the operators in `website-monitor/operators`. See `docs/EMBEDDING.md`.
 */

export type { AlertState } from './alerting/alert.ts';
export type { Channel, ChannelKind, Sent } from './alerting/channel.ts';
export type { AlertKind, Count, Ending, Message, News, Told } from './alerting/message.ts';
export type { Send } from './alerting/ports.ts';
export { createMonitor } from './app/create-monitor.ts';
export type { MonitorNumbers, MonitorOptions, Website } from './app/monitor-options.ts';
export type { Logger } from './app/reporter.ts';
export type { CheckSettings } from './checking/check-slot.ts';
export { checkTarget } from './checking/check-target.ts';
export { combineHooks } from './checking/combine-hooks.ts';
export type { SomeHooks } from './checking/guards/guard-hooks.ts';
export { guardedMonitor as monitor } from './checking/guards/guarded-monitor.ts';
export type { PipelineSettings } from './checking/pipeline.ts';
export type {
  ChangedTarget,
  Hooks,
  LeasePass,
  Missed,
  Ports,
  Recorded,
  Secrets,
  Transition,
} from './checking/ports.ts';
export type { WorkerLoad } from './checking/watch-load.ts';
export { type Backoff, backoffMs } from './domain/backoff.ts';
export type { AboutCause } from './domain/check/about-cause.ts';
export { type Answer, type Hop, NO_PHASES, type Phases } from './domain/check/answer.ts';
export {
  aboutCause,
  type Cause,
  DOWN_CAUSES,
  type DownCause,
  UNKNOWN_CAUSES,
  type UnknownCause,
} from './domain/check/cause.ts';
export type { Certificate } from './domain/check/certificate.ts';
export type {
  Check,
  Confirmations,
  Outcome,
  Returned,
  Settled,
  Skipped,
  Verdict,
} from './domain/check/check.ts';
export { judge, type Observation, type Rules } from './domain/check/judge.ts';
export type { Lease, Slot } from './domain/check/lease.ts';
export { answered, failed } from './domain/check/make-answer.ts';
export type { Match } from './domain/check/match.ts';
export type { Change, SkipReason } from './domain/check/skip-reason.ts';
export type { Limits, Occupancy } from './domain/occupancy.ts';
export { PACE } from './domain/pace.ts';
export { redactUrl } from './domain/redact.ts';
export type { SlowLaneHolder } from './domain/slow-lane.ts';
export type { PrivateTargets } from './domain/target/private-targets.ts';
export type { StatusRange } from './domain/target/status-ranges.ts';
export { type Credentials, METHODS, type Method, type Pattern, type Target } from './domain/target/target.ts';
export { createMatcher, type Matcher, type MatcherSettings } from './matching/matcher.ts';
export type { Address, DnsCause, Resolution, Resolve } from './net/names/resolution.ts';
export {
  createNameResolver,
  type NameResolver,
  type NameResolverSettings,
} from './net/names/resolve-name.ts';
export { createFetch, type Fetch, type FetchSettings } from './probe/create-fetch.ts';
export { createSecrets, type SecretSources } from './secrets/create-secrets.ts';
export type { TargetDraft } from './targets/target-draft.ts';
export { targetOf } from './targets/target-of.ts';
