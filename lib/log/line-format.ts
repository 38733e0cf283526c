import { styleText } from 'node:util';
import { format, type Logform } from 'winston';
import { cleanDetail } from '../domain/clean-text.ts';
import { traceFields } from './check-fields.ts';
import { checkLine } from './check-line.ts';
import { type Entry, errorText, type Facts, stackFrames } from './entry.ts';

const STYLES = { error: 'red', warn: 'yellow', up: 'green', down: 'red', unknown: 'yellow' } as const;

/** What shows the lines. */
export interface Terminal {
  readonly isColoured: boolean;
  /** Its width now, for checks; infinite where lines may be of any length */
  readonly columns: () => number;
}

/** For people: time (UTC), level, message, facts. A check is shown by `checkLine` instead. */
export const lineFormat = ({ isColoured, columns }: Terminal): Logform.Format =>
  format.printf(info => {
    const entry = info as unknown as Entry;
    const line = entry.check ? checkText(entry.check, entry.facts, columns()) : text(entry);
    const style = entry.check?.check.verdict.outcome ?? entry.level;
    return isColoured && isStyled(style) ? styleText(STYLES[style], line, { validateStream: false }) : line;
  });

const isStyled = (word: string): word is keyof typeof STYLES => Object.hasOwn(STYLES, word);

const checkText = (
  { check, isTraced }: NonNullable<Entry['check']>,
  facts: Facts,
  columnsMax: number,
): string =>
  checkLine(check, columnsMax) + (isTraced ? `\n         ${pairs({ ...traceFields(check), ...facts })}` : '');

const text = ({ level, message, facts }: Entry): string => {
  const line = `${new Date().toISOString().slice(11, 19)} ${level.padEnd(5)} ${cleanDetail(message)}  ${pairs(facts)}`;
  return line.trimEnd() + Object.values(facts).map(stackLines).join('');
};

const pairs = (facts: Facts): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => `${name}=${cleanDetail(value instanceof Error ? errorText(value) : String(value))}`,
    )
    .join(' ');

const stackLines = (value: Facts[string]): string =>
  value instanceof Error
    ? stackFrames(value)
        .map(frame => `\n         ${frame}`)
        .join('')
    : '';
