import { format, type Logform } from 'winston';
import { cleanDetail } from '../domain/clean-text.ts';
import { checkFields, traceFields } from './check-fields.ts';
import { type Entry, errorCode, errorText, stackFrames } from './entry.ts';

/** For machines: one JSON object per line. */
export const jsonFormat = (workerId: string): Logform.Format =>
  format.printf(info => {
    const { level, message, facts, check } = info as unknown as Entry;
    const whole = {
      timestamp: new Date().toISOString(),
      level,
      message,
      worker_id: workerId,
      ...(check && checkFields(check.check)),
      ...(check?.isTraced && traceFields(check.check)),
      ...facts,
    };
    return JSON.stringify(whole, (_name, value) => printable(value));
  });

const printable = (value: unknown): unknown => {
  if (typeof value === 'string') return cleanDetail(value);
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: errorText(value), code: errorCode(value), stack: stackFrames(value) };
};
