import { firstValueFrom, NEVER, type Observable } from 'rxjs';
import type { LeasePass, Recorded } from '../../lib/checking/ports.ts';
import type { Check, Settled, Verdict } from '../../lib/domain/check/check.ts';
import type { Lease } from '../../lib/domain/check/lease.ts';
import { holdBatches } from '../../lib/postgres/checking/held-batches.ts';
import { type LeaseSettings, leaseSlots } from '../../lib/postgres/checking/lease-slots.ts';
import { recordChecks } from '../../lib/postgres/checking/record-checks.ts';
import type { Database } from '../../lib/postgres/database.ts';

/** The database half of a worker, driven by hand. */
export interface HandDrivenWorker {
  /** Takes over what has expired, then leases what is due: one after the other, as the pipeline would. */
  readonly lease: (leasesMax: number) => Promise<LeasePass>;
  readonly record: (settled: readonly Settled[]) => Promise<Recorded>;
  readonly troubles: unknown[];
}

export function handDrivenWorker(
  database: Database,
  settings: Partial<LeaseSettings> & { readonly stopping?: Observable<unknown> } = {},
): HandDrivenWorker {
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => void troubles.push(error);
  const held = holdBatches();
  const lease = leaseSlots(database, held, {
    worker: 'spec',
    timeoutMs: 10_000,
    leaseMarginMs: 5_000,
    attemptsMax: 1,
    aheadMs: 0,
    onTrouble,
    stopping: NEVER,
    ...settings,
  });
  const record = recordChecks(database, held, { worker: settings.worker ?? 'spec', onTrouble });
  return {
    troubles,
    record: settled => firstValueFrom(record(settled)),
    lease: async leasesMax => {
      for (;;) {
        const pass = await firstValueFrom(lease(leasesMax));
        if (pass.leases.length > 0 || pass.nextDueInMs > 0) return pass;
      }
    },
  };
}

const PHASES = { dnsUs: 1, connectUs: 2, tlsUs: null, ttfbUs: 3, transferUs: 4, totalUs: 10 };

/** A check of that slot. */
export const checked = (lease: Lease, verdict: Verdict = { outcome: 'up' }): Check => ({
  kind: 'checked',
  lease,
  startedAtMs: lease.scheduledAtMs + 1.5,
  confirmations: null,
  verdict,
  httpStatus: 200,
  match: null,
  bodyCut: false,
  phases: PHASES,
  hops: [],
  certificate: null,
});

/** Nobody could say: the resolver knew nothing. */
export const unknown = (lease: Lease): Check =>
  checked(lease, { outcome: 'unknown', cause: 'resolver_unavailable', detail: '' });

export const down = (lease: Lease, detail = 'the final status is 503'): Check => ({
  ...checked(lease, { outcome: 'down', cause: 'http_status', detail }),
  httpStatus: 503,
});

export const returned = (lease: Lease): Settled => ({ kind: 'returned', lease, reason: 'shutdown' });

export const skipped = (lease: Lease): Settled => ({ kind: 'skipped', lease, reason: 'still_running' });
