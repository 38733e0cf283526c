import { fittedReport } from '../wording/fitted-report.ts';
import { plainLines } from '../wording/plain-lines.ts';
import type { Mood } from '../wording/report.ts';
import { wholeLines } from '../wording/whole-lines.ts';
import { authorizationOf, jsonRequest, type Render } from './outgoing.ts';

/** Apprise cuts or splits what is too long for where it passes it to; more than this is too long for all. */
const BODY_MAX = 8_000;

/** `POST /notify/KEY` of https://github.com/caronc/apprise-api */
export const apprise: Render<'apprise'> = (message, { address, secrets }) => {
  const report = fittedReport(message, one => plainLines(one).join('\n').length <= BODY_MAX);
  const { mood, title, link } = report;
  const lines = [...plainLines(report), ...(link === null ? [] : [link])];
  return jsonRequest(
    { ...address, authorization: authorizationOf(address.authorization, secrets) },
    { title, body: wholeLines(lines, BODY_MAX) || title, type: TYPES[mood], format: 'text' },
  );
};

const TYPES: Readonly<Record<Mood, string>> = {
  bad: 'failure',
  warning: 'warning',
  good: 'success',
  neutral: 'info',
};
