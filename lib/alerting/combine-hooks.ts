import type { AlertingHooks } from './ports.ts';

/** Calls all the given hooks, in order. */
export const combineAlertingHooks = (...all: readonly Partial<AlertingHooks>[]): AlertingHooks => ({
  advanced: pass => {
    for (const hooks of all) hooks.advanced?.(pass);
  },
  delivered: report => {
    for (const hooks of all) hooks.delivered?.(report);
  },
});
