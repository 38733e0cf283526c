/** What a number may be. */
export interface SettingLimits {
  readonly byDefault: number;
  readonly min: number;
  readonly max: number;
}

const between = (min: number, max: number, byDefault: number): SettingLimits => ({ byDefault, min, max });

/** The numbers that the service's settings and `createMonitor`'s options share. Times are in ms. */
export const SETTING_LIMITS = {
  workerNumber: between(1, 10_000, 256),
  slowLaneSize: between(1, 100_000, 4_096),
  dbPoolSize: between(2, 500, 10),
  batchSize: between(1, 10_000, 200),
  queueSize: between(1, 100_000, 2_000),
  maxTimeoutMs: between(100, 300_000, 10_000),
  leaseMarginMs: between(2_000, 3_600_000, 5_000), // searching a body may take one and a half seconds of it
  confirm: between(0, 5, 1),
  bodyBytesMax: between(1, 2 ** 26, 2 ** 20),
  regexTimeoutMs: between(10, 1_000, 250),
  certificateWarningDays: between(0, 365, 14),
  retentionDays: between(1, 3_650, 90),
  defaultAlertAfterMs: between(0, 86_400_000, 0),
  defaultRecoveryPeriodMs: between(0, 86_400_000, 180_000),
  alertIntervalMs: between(0, 86_400_000, 60_000),
  unknownAfterMs: between(0, 86_400_000, 900_000),
} as const satisfies Readonly<Record<string, SettingLimits>>;

/** By default, a certificate is told this many days before it expires, once each. */
export const CERTIFICATE_ALERT_DAYS: readonly number[] = [14, 7, 3, 1];
