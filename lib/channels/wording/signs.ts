import type { Mood } from './report.ts';

/** In front of a line in chats, which have no colours of their own. */
export const SIGNS: Readonly<Record<Mood, string>> = { bad: '🔴', warning: '🟠', good: '🟢', neutral: '⚪' };
