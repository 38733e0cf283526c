import type { HistoryEvent } from '../../lib/history/event.ts';

/** Parses a history file. Skips a line that a kill cut short. */
export const readHistory = (text: string): HistoryEvent[] =>
  text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as HistoryEvent];
    } catch {
      return [];
    }
  });
