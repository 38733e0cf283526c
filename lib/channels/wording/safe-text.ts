import { cleanText } from '../../domain/clean-text.ts';

/**
 * Characters that show nothing but change what others look like: overrides of the writing direction, zero-width
 * characters, tags. A name with one could make "DOWN" read as something else.
 */
const INVISIBLE = /[\p{Cf}\u115F\u1160\u3164\uFFA0]+/gu;

/** Makes a text of others safe to show in one line, and cuts it at `charactersMax` UTF-16 code units. */
export const safeText = (text: string, charactersMax: number): string =>
  cleanText(text.slice(0, 4 * charactersMax).replace(INVISIBLE, ''), charactersMax);
