import type { HistoryEvent } from '../../../lib/history/event.ts';
import { breachIf, type Inspection } from '../breach.ts';
import { isSameLease, slotOf } from '../evidence.ts';

/** What a worker has settled, and what the database answered. */
export interface Conversation {
  /** Finished, returned or skipped slots, sent for recording in this order */
  readonly settled: readonly HistoryEvent[];
  /** Recorded, lost, given back or made a gap */
  readonly answers: readonly HistoryEvent[];
  /** Settled last, and not answered when the worker ended */
  readonly unanswered: readonly HistoryEvent[];
}

const SETTLED: readonly HistoryEvent['event'][] = ['finished', 'returned', 'skipped'];
const ANSWERS: readonly HistoryEvent['event'][] = ['recorded', 'lost', 'given_back', 'made_gap'];

export function conversationOf(events: readonly HistoryEvent[]): Conversation {
  const settled = events.filter(({ event }) => SETTLED.includes(event));
  const answers = events.filter(({ event }) => ANSWERS.includes(event));
  return { settled, answers, unanswered: settled.slice(answers.length) };
}

/** Batches are recorded one at a time, so answers come in order and without omissions. */
export const inspectAnswers: Inspection = ({ workers }) =>
  workers.flatMap(events => {
    const { settled, answers } = conversationOf(events);
    const stray = answers.find((answer, index) => !isAnswerTo(answer, settled[index]));
    if (!stray) return [];
    return breachIf(true, 2, 'answered out of order', slotOf(stray), `${stray.event} at ${stray.worker}`);
  });

const isAnswerTo = (answer: HistoryEvent, settled: HistoryEvent | undefined): boolean =>
  settled !== undefined &&
  isSameLease(answer, settled) &&
  answer.targetId === settled.targetId &&
  answer.scheduledAt === settled.scheduledAt &&
  (answer.event === 'given_back') === (settled.event === 'returned') &&
  (answer.event === 'made_gap') === (settled.event === 'skipped');
