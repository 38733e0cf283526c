import type { Secrets } from '../checking/ports.ts';
import type { Target } from '../domain/target/target.ts';
import type { ReadingBudget } from '../net/connection/reading-budget.ts';
import type { Trust } from '../net/connection/trust.ts';
import type { AddressGuard } from '../net/guard/address-guard.ts';
import type { Resolve } from '../net/names/resolution.ts';
import type { HeldBody } from './body/held-bodies.ts';
import type { KeptConnections } from './kept-connections.ts';

/** Shared by all fetches. */
export interface FetchTools {
  readonly userAgent: string;
  readonly resolve: Resolve;
  readonly guard: AddressGuard;
  readonly secrets: Secrets;
  readonly trust: Trust;
  readonly bodyBytesMax: number;
  /** Null: each request has its own connection */
  readonly kept: KeptConnections | null;
}

/** Shared by all hops of one fetch. */
export interface Trip {
  readonly target: Target;
  readonly deadlineMonotonicMs: number;
  /** Never reuses a kept-alive connection, so the result is conclusive */
  readonly onNewConnection: boolean;
  readonly tools: FetchTools;
  /** Shared with the other attempts of a check */
  readonly budget: ReadingBudget;
  /** Its share of what all fetches may hold */
  readonly heldBody: HeldBody;
  /** Its reason is a `StopReason` */
  readonly stop: AbortSignal;
  readonly heldUpMs: () => number;
}
