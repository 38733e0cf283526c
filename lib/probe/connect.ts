import { type Dialled, dial } from '../net/connection/dial.ts';
import type { Failure } from '../net/failure/explain-error.ts';
import { literalAddress, type Resolution } from '../net/names/resolution.ts';
import type { PhaseClock } from '../net/timing/phase-clock.ts';
import type { Trip } from './trip.ts';

/** Resolves the host of `url`, asks the guard, and dials what it permits. */
export async function connect(url: URL, trip: Trip, clock: PhaseClock): Promise<Dialled> {
  const { target, tools, stop } = trip;
  const resolution = await resolveHost(url.hostname, trip, clock);
  if (resolution.kind === 'failed') return failed(resolution);
  const ofFamily = resolution.addresses.filter(({ family }) => family === (target.ipFamily ?? family));
  if (ofFamily.length === 0) {
    const family = target.ipFamily === null ? '' : `IPv${target.ipFamily} `;
    return failed({ cause: 'dns_not_found', detail: `the host has no ${family}address` });
  }
  const permission = tools.guard(ofFamily);
  if (permission.kind === 'refused') return failed({ cause: 'address_forbidden', detail: permission.detail });

  const isTls = url.protocol === 'https:';
  return dial(
    {
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(url.port) || (isTls ? 443 : 80),
      addresses: permission.addresses,
      attemptMs: attemptMsFor(permission.addresses.length, trip.deadlineMonotonicMs - performance.now()),
      tls: isTls
        ? {
            ...tools.trust,
            verifies: target.verifiesTls,
            acceptsLegacy: target.acceptsLegacyTls,
            budget: trip.budget,
          }
        : null,
    },
    clock,
    stop,
  );
}

const failed = (failure: Failure): Dialled => ({ kind: 'failed', failure, address: null, certificate: null });

/** A literal address needs no DNS; then that phase does not happen. */
async function resolveHost(hostname: string, { tools, stop }: Trip, clock: PhaseClock): Promise<Resolution> {
  const literal = literalAddress(hostname);
  if (literal !== null) return { kind: 'resolved', addresses: [literal] };
  clock.enter('dns');
  const resolution = await tools.resolve(hostname, stop);
  clock.leave();
  return resolution;
}

/**
 * Shares the time left equally among the addresses, at least 250 ms each. Node waits 250 ms for each, however much time
 * is left: it gives up on far websites that answer well.
 */
const attemptMsFor = (addresses: number, remainingMs: number): number =>
  Math.max(250, Math.floor(remainingMs / addresses));
