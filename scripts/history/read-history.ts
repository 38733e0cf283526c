import type { HistoryEvent } from '../../lib/history/event.ts';

/** The events of a history's text. A line that a kill has cut short is left out. */
export const readHistory = (text: string): HistoryEvent[] =>
  text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as HistoryEvent];
    } catch {
      return [];
    }
  });
