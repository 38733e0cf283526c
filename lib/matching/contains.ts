import { setImmediate } from 'node:timers/promises';

/** Of characters, at worst, before other work gets its turn: half a millisecond */
const COMPARISONS_MAX = 1_000_000;
/** Beyond so many slices, the search that is linear at worst costs less */
const SLICES_MAX = 16;
/** Of the linear search: about as long as `COMPARISONS_MAX` */
const LINEAR_SLICE = 65_536;

/**
 * Whether `text` occurs in `body`. Never holds up the event loop: long searches run in slices.
 *
 * `String.includes` is fast on almost every body, but near misses make it quadratic: 998 characters against
 * 1 MiB of them took it 340 ms.
 */
export async function contains(body: string, text: string): Promise<boolean> {
  if (body.length * text.length <= COMPARISONS_MAX) return body.includes(text);
  const slice = Math.floor(COMPARISONS_MAX / text.length);
  return body.length <= slice * SLICES_MAX
    ? includesInSlices(body, text, slice)
    : containsLinearly(body, text);
}

async function includesInSlices(body: string, text: string, slice: number): Promise<boolean> {
  for (let at = 0; at < body.length; at += slice) {
    if (body.slice(at, at + slice + text.length - 1).includes(text)) return true;
    await setImmediate();
  }
  return false;
}

/** The same by Knuth, Morris and Pratt's algorithm, which is linear in both lengths. */
export async function containsLinearly(body: string, text: string): Promise<boolean> {
  const borders = bordersOf(text);
  if (text === '') return true;
  let matched = 0;
  for (let at = 0; at < body.length; at += 1) {
    const code = body.charCodeAt(at);
    while (matched > 0 && text.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
    if (text.charCodeAt(matched) === code) matched += 1;
    if (matched === text.length) return true;
    if (at % LINEAR_SLICE === LINEAR_SLICE - 1) await setImmediate();
  }
  return false;
}

/** For each prefix of `text`, the length of the longest shorter prefix that it also ends with. */
function bordersOf(text: string): Uint16Array {
  const borders = new Uint16Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (length > 0 && text.charCodeAt(at) !== text.charCodeAt(length)) length = borders[length - 1] ?? 0;
    if (text.charCodeAt(at) === text.charCodeAt(length)) length += 1;
    borders[at] = length;
  }
  return borders;
}
