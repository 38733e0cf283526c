/**
 * `website-monitor`: the whole monitor for another program, the pipeline with its ports, and the words
 * that they speak. The ports that PostgreSQL fills are in `website-monitor/postgres`, the operators in
 * `website-monitor/operators`. What each is for: `docs/EMBEDDING.md`.
 */
export type { CheckSettings } from './check-slot.ts';
export { checkTarget } from './check-target.ts';
export { createMonitor } from './create-monitor.ts';
export { type Answer, type Hop, NO_PHASES, type Phases } from './domain/answer.ts';
export { type Backoff, backoffMs } from './domain/backoff.ts';
export {
  type AboutCause,
  aboutCause,
  type Cause,
  DOWN_CAUSES,
  type DownCause,
  UNKNOWN_CAUSES,
  type UnknownCause,
} from './domain/cause.ts';
export type { Certificate } from './domain/certificate.ts';
export type { Check, Outcome, Rechecks, Settled, Unrun, Verdict } from './domain/check.ts';
export { judge, type Observation, type Rules } from './domain/judge.ts';
export type { Lease, Slot } from './domain/lease.ts';
export { answered, failed } from './domain/make-answer.ts';
export type { Match } from './domain/match.ts';
export type { Limits, Occupancy } from './domain/occupancy.ts';
export { PACE } from './domain/pace.ts';
export type { PrivateTargets } from './domain/private-targets.ts';
export { redactUrl } from './domain/redact.ts';
export type { StatusRange } from './domain/status-ranges.ts';
export { type Credentials, METHODS, type Method, type Pattern, type Target } from './domain/target.ts';
export { type TargetDraft, targetOf } from './domain/target-draft.ts';
export type { Logger } from './embedding/logger.ts';
export type { MonitorNumbers, MonitorOptions, Website } from './embedding/monitor-options.ts';
export { createFetch, type Fetch, type FetchSettings } from './http/create-fetch.ts';
export { createSecrets, type SecretSources } from './http/create-secrets.ts';
export type { Address, DnsCause, Resolution, Resolve } from './http/resolution.ts';
export { createNameResolver, type NameResolver, type NameResolverSettings } from './http/resolve-name.ts';
export { createMatcher, type Matcher, type MatcherSettings } from './matching/matcher.ts';
export { monitor, type PipelineSettings } from './pipeline.ts';
export type { LeasePass, Measure, Ports, Saved, Secrets, Turn } from './ports.ts';
export { tellAll } from './tell-all.ts';
