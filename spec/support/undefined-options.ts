/**
 * Compiles only if each option that may be left out may be undefined as well: programs pass options on, and
 * `exactOptionalPropertyTypes` tells the two apart.
 */
import type {
  checkTarget,
  createMatcher,
  FetchSettings,
  MonitorOptions,
  NameResolverSettings,
  PipelineSettings,
  Ports,
  SomeHooks,
  TargetDraft,
} from 'website-monitor';
import type {
  BundledServerOptions,
  DatabaseSettings,
  KeepSettings,
  ListenSettings,
  NewTargets,
  PostgresPortsSettings,
  RollUpSettings,
  WakeUpSettings,
} from 'website-monitor/postgres';

type OptionalNames<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];

type MayBeUndefined<T> =
  { [K in OptionalNames<T>]: undefined } extends Pick<T, OptionalNames<T>> ? true : false;

type Holds<T extends true> = T;

export type EveryOptionMayBeUndefined = [
  Holds<MayBeUndefined<MonitorOptions>>,
  Holds<MayBeUndefined<SomeHooks>>,
  Holds<MayBeUndefined<TargetDraft>>,
  Holds<MayBeUndefined<FetchSettings>>,
  Holds<MayBeUndefined<NameResolverSettings>>,
  Holds<MayBeUndefined<NonNullable<Parameters<typeof createMatcher>[0]>>>,
  Holds<MayBeUndefined<NonNullable<Parameters<typeof checkTarget>[1]>>>,
  Holds<MayBeUndefined<PipelineSettings>>,
  Holds<MayBeUndefined<Ports>>,
  Holds<MayBeUndefined<BundledServerOptions>>,
  Holds<MayBeUndefined<DatabaseSettings>>,
  Holds<MayBeUndefined<ListenSettings>>,
  Holds<MayBeUndefined<WakeUpSettings>>,
  Holds<MayBeUndefined<PostgresPortsSettings>>,
  Holds<MayBeUndefined<NewTargets>>,
  Holds<MayBeUndefined<KeepSettings>>,
  Holds<MayBeUndefined<RollUpSettings>>,
];
