import type { Hooks } from './ports.ts';

/** Calls all the given hooks, in order. Without arguments, the hooks do nothing. */
export const combineHooks = (...all: readonly Hooks[]): Hooks => ({
  occupancy: now => {
    for (const hooks of all) hooks.occupancy(now);
  },
  pass: pass => {
    for (const hooks of all) hooks.pass(pass);
  },
  started: lease => {
    for (const hooks of all) hooks.started(lease);
  },
  confirming: lease => {
    for (const hooks of all) hooks.confirming(lease);
  },
  settled: settled => {
    for (const hooks of all) hooks.settled(settled);
  },
  recorded: report => {
    for (const hooks of all) hooks.recorded(report);
  },
});

/** The names of all hooks. */
export const HOOK_NAMES = Object.keys(combineHooks()) as readonly (keyof Hooks)[];
