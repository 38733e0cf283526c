import { breachIf, type Inspection } from '../breach.ts';
import { conversationOf } from './answers.ts';

/** A slot is recorded once, under the newest lease, and the worker that recorded it learns so. */
export const inspectRecords: Inspection = evidence => {
  const unanswered = new Set(evidence.workers.flatMap(events => conversationOf(events).unanswered));
  return evidence.slots.flatMap(slot => {
    const isStored = slot.results.length > 0;
    const recorded = slot.events.filter(({ event }) => event === 'recorded');
    const finished = slot.events.filter(({ event }) => event === 'finished');
    const newestEpoch = Math.max(...slot.events.map(({ epoch }) => epoch));
    const isKnown = recorded.length > 0 || finished.some(event => unanswered.has(event));
    const by = recorded.map(({ worker, epoch }) => `${worker} under epoch ${epoch}`).join(', ');
    return [
      ...breachIf(recorded.length > 1, 1, 'recorded twice', slot, by),
      ...breachIf(slot.results.length > 1, 1, 'in the tables twice', slot),
      ...breachIf(recorded.length > 0 && !isStored, 2, 'recorded, but not in the tables', slot, by),
      ...breachIf(isStored && finished.length === 0, 2, 'in the tables, but no worker finished it', slot),
      ...breachIf(
        isStored && finished.length > 0 && !isKnown,
        5,
        'in the tables, but no worker learned so',
        slot,
      ),
      ...breachIf(
        recorded.some(({ epoch }) => epoch < newestEpoch),
        3,
        'recorded under a lease that had been taken over',
        slot,
        `${by}; taken over under epoch ${newestEpoch}`,
      ),
    ];
  });
};
