import {
  catchError,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  mergeMap,
  type Observable,
  of,
  takeUntil,
  tap,
  throwIfEmpty,
  toArray,
} from 'rxjs';
import type { Sent } from './channel.ts';
import type { AlertingPorts, Attempt, Delivered, DeliveryBatch } from './ports.ts';

/** Messages that are under way to one channel at once; only to those that get one event per alert. */
const MESSAGES_MAX = 10;

/** An attempt that a stop cut off. */
const CUT_OFF: Sent = {
  kind: 'failed',
  problem: 'website-monitor was stopped meanwhile',
  mayHaveArrived: true,
  retryAfterMs: 0,
};

/**
 * Sends the messages of a batch in order, some at once. After one that failed, or when the lease ends or a stop is
 * asked for, no other is begun.
 */
export const deliver =
  ({ send, stopping, aborting, monotonicMs }: AlertingPorts) =>
  (batch: DeliveryBatch): Observable<Delivered> =>
    defer(() => {
      let isOver = false;
      const stops = stopping.subscribe(() => {
        isOver = true;
      });
      const attempt = (message: DeliveryBatch['messages'][number]): Observable<Attempt> =>
        defer(() => {
          if (isOver || monotonicMs() >= batch.endsAtMonotonicMs) return EMPTY;
          return send(batch.channel, message).pipe(
            takeUntil(aborting),
            throwIfEmpty(),
            catchError(() => of(CUT_OFF)),
            tap(({ kind }) => {
              if (kind === 'failed') isOver = true;
            }),
            map(sent => ({ message, sent })),
          );
        });
      return from(batch.messages).pipe(
        mergeMap(attempt, MESSAGES_MAX),
        toArray(),
        map(attempts => ({ batch, attempts })),
        finalize(() => stops.unsubscribe()),
      );
    });
