import type { Hooks } from './ports.ts';

/** Tells each of them everything, in their order; nobody where there is none. */
export const combineHooks = (...measures: readonly Hooks[]): Hooks => ({
  occupancy: now => {
    for (const { occupancy } of measures) occupancy(now);
  },
  pass: pass => {
    for (const { pass: tell } of measures) tell(pass);
  },
  started: lease => {
    for (const { started } of measures) started(lease);
  },
  confirming: lease => {
    for (const { confirming } of measures) confirming(lease);
  },
  settled: one => {
    for (const { settled } of measures) settled(one);
  },
  recorded: report => {
    for (const { recorded } of measures) recorded(report);
  },
});
