/** `website-monitor/postgres`: the ports that PostgreSQL fills, ready-made and in parts. */
export { type Added, addTargets, type NewTargets } from './postgres/add-targets.ts';
export { connectDatabase, type Database, type DatabaseSettings, type Query } from './postgres/database.ts';
export { EmbeddedServerError } from './postgres/embedded/embedded-server-error.ts';
export {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from './postgres/embedded-server.ts';
export { type BatchChanges, type HeldBatches, holdBatches } from './postgres/held-batches.ts';
export { type KeepSettings, keepPartitions } from './postgres/keep-partitions.ts';
export { type LeaseSettings, leaseSlots } from './postgres/lease-slots.ts';
export { migrate, requireCurrentSchema, SchemaError } from './postgres/migrate.ts';
export { type NoteSettings, noteOnTargets } from './postgres/note-on-targets.ts';
export { type DatabaseWork, type PostgresPortsSettings, postgresPorts } from './postgres/postgres-ports.ts';
export { ensurePartitions, type PrepareSettings, prepareDatabase } from './postgres/prepare-database.ts';
export { type RecordSettings, recordChecks } from './postgres/record-checks.ts';
export { type RollUpSettings, rollUp } from './postgres/roll-up.ts';
export { type Certificates, EchoLostError, type WakeUpSettings, wakeUps } from './postgres/wake-ups.ts';
