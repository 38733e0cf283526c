import type { Health } from './health.ts';
import type { Page } from './page.ts';

/** How the serving thread reads the targets. It opens connections of its own, and only when asked. */
export interface ServedTargets {
  readonly dsn: string;
  /** The DSN leads through a transaction pooler */
  readonly isPooled: boolean;
  readonly applicationName: string;
  /** Most targets that one scrape may select */
  readonly targetsMax: number;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly leaseMarginMs: number;
}

/** What a serving thread is started with. */
export interface ServingOptions {
  readonly host: string;
  /** 0 picks a free one */
  readonly port: number;
  /** Readiness at the start */
  readonly ready: Health;
  /** Silence of the checking thread after which it counts as stuck */
  readonly silenceMsMax: number;
  /** Null switches `/metrics/targets` off */
  readonly targets: ServedTargets | null;
}

/** From the checking thread: readiness each second and whenever it changes; metrics when wanted. */
export type HandedOver =
  | { readonly kind: 'ready'; readonly health: Health }
  | { readonly kind: 'metrics'; readonly page: Page };

/** From the serving thread. */
export type Served =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'metrics-wanted' };
