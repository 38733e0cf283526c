/** `website-monitor/postgres`: the ports that PostgreSQL fills, ready-made and in parts. */

export {
  type BundledServer,
  type BundledServerOptions,
  startBundledServer,
} from './bundled-postgres/bundled-server.ts';
export { BundledServerError } from './bundled-postgres/bundled-server-error.ts';
export type { ClockSetBack } from './postgres/checking/follow-clock.ts';
export { type BatchChanges, type HeldBatches, holdBatches } from './postgres/checking/held-batches.ts';
export { type LeaseSettings, leaseSlots } from './postgres/checking/lease-slots.ts';
export {
  type DatabaseWork,
  type PostgresPortsSettings,
  postgresPorts,
} from './postgres/checking/postgres-ports.ts';
export { type RecordSettings, recordChecks } from './postgres/checking/record-checks.ts';
export {
  type AlertingNow,
  type Certificates,
  EchoLostError,
  type WakeUp,
  type WakeUpSettings,
  type WorkerRow,
  wakeUps,
} from './postgres/checking/wake-ups.ts';
export type { PoolSettings } from './postgres/connecting/pool-settings.ts';
export { connectDatabase, type Database, type DatabaseSettings, type Query } from './postgres/database.ts';
export type { ListenSettings } from './postgres/listen.ts';
export { migrate, requireCurrentSchema, SchemaError, type SchemaMismatch } from './postgres/migrate.ts';
export { ensurePartitions, type PrepareSettings, prepareDatabase } from './postgres/prepare-database.ts';
export { type Added, addTargets, type NewTargets } from './postgres/targets/add-targets.ts';
export { type KeepSettings, keepPartitions } from './postgres/upkeep/keep-partitions.ts';
export { type ObservationSettings, recordObservations } from './postgres/upkeep/record-observations.ts';
export { type RollUpSettings, rollUp } from './postgres/upkeep/roll-up.ts';
