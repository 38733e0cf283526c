import type { Alert, Step } from './alert.ts';

/** A step that only says what the alert is now, and when to look at it again. */
export const step = (alert: Alert, dueMs: number | null): Step => ({
  alert,
  dueMs,
  ending: null,
  deliveries: [],
  checks: [],
});
