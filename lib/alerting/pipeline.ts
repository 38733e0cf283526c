import {
  BehaviorSubject,
  defer,
  EMPTY,
  filter,
  merge,
  mergeMap,
  type Observable,
  of,
  pairwise,
  Subject,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import { coalesceMap } from '../operators/coalesce-map.ts';
import { sleep } from '../operators/sleep.ts';
import { deliver } from './deliver.ts';
import type { AlertingPorts, AlertPass, DeliveryPass, DeliveryReport } from './ports.ts';

/** Channels that a worker sends to at once. A receiver that hangs takes one of them for ten seconds. */
const CHANNELS_MAX = 32;

/**
 * Alerting as one stream, in the shape of checking: wake-ups turn events into alerts and deliveries; channels that have
 * something to send are leased, sent to, and what came of it is recorded.
 *
 * Emits each recorded lease. Completes after `ports.stopping` has emitted and what is under way is recorded. Never
 * errors as long as the ports keep their promises.
 */
export const alerting = (ports: AlertingPorts): Observable<DeliveryReport> => defer(() => run(ports));

function run(ports: AlertingPorts): Observable<DeliveryReport> {
  const { hooks } = ports;
  const busy = new BehaviorSubject(0); // channels being sent to; feeds `channelFreed`
  const alertDueInMs = new Subject<number>(); // feeds the schedule back into `alertDue`
  const deliveryDueInMs = new Subject<number>(); // and into `deliveryDue`

  const onAdvanced = (pass: AlertPass): void => {
    alertDueInMs.next(pass.nextDueInMs);
    hooks.advanced(pass);
  };
  const onLeased = (pass: DeliveryPass): void => {
    busy.next(busy.value + pass.batches.length);
    deliveryDueInMs.next(pass.nextDueInMs);
  };
  const onRecorded = (report: DeliveryReport): void => {
    busy.next(busy.value - 1);
    hooks.delivered(report);
  };

  const alertDue = alertDueInMs.pipe(switchMap(sleep)); // the newest counts
  const deliveryDue = deliveryDueInMs.pipe(switchMap(sleep));
  // What came for a channel while it was being sent to waits for its lease to end.
  const channelFreed = busy.pipe(
    pairwise(),
    filter(([before, now]) => now < before),
  );
  const leaseChannels = defer(() => (busy.value < CHANNELS_MAX ? of(CHANNELS_MAX - busy.value) : EMPTY)).pipe(
    takeUntil(ports.stopping),
    mergeMap(ports.lease),
  );

  const advanced = merge(alertDue, ports.wakeUps).pipe(
    takeUntil(ports.stopping), // above the passes; below, this would cut off what is under way
    coalesceMap(() => ports.advance()), // one at a time; wake-ups meanwhile cause exactly one more
    tap(onAdvanced),
  );
  return merge(deliveryDue, channelFreed, advanced).pipe(
    takeUntil(ports.stopping),
    coalesceMap(() => leaseChannels),
    tap(onLeased),
    mergeMap(({ batches }) => batches),
    mergeMap(deliver(ports), CHANNELS_MAX), // never queues: only free channels are leased
    mergeMap(ports.record),
    tap(onRecorded),
  );
}
