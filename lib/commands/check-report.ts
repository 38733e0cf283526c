import { styleText } from 'node:util';
import { type Hop, PHASES, type Phases } from '../domain/check/answer.ts';
import { aboutCause } from '../domain/check/cause.ts';
import type { Certificate } from '../domain/check/certificate.ts';
import { type Check, regexMatchOf } from '../domain/check/check.ts';
import { cleanDetail } from '../domain/clean-text.ts';
import { redactUrl } from '../domain/redact.ts';
import { MARKS } from '../log/check-line.ts';

const COLOURS = { up: 'green', down: 'red', unknown: 'yellow' } as const;

const BAR_CHARACTERS = 40;
const DAY_MS = 86_400_000;

/** Formats a check for people: verdict, cause, phases as bars, redirects, certificate. */
export function checkReport(check: Check, isColoured = false): string {
  const { verdict, lease, httpStatus, phases, hops, certificate, confirmations, startedAtMs } = check;
  const head = `${MARKS[verdict.outcome]} ${verdict.outcome}  ${redactUrl(lease.target.url)}  ${httpStatus ?? 'no answer'}  ${ms(phases.totalUs)}`;
  const colour = COLOURS[verdict.outcome];
  return [
    isColoured ? styleText(colour, head, { validateStream: false }) : head,
    ...(verdict.outcome === 'up' ? [] : explanation(verdict)),
    '',
    ...bars(phases),
    '',
    ...facts({
      address: hops.at(-1)?.address ?? null,
      redirects: hops.length > 1 ? hops.map(hopText).join(`\n${' '.repeat(INDENT)}→ `) : null,
      certificate: certificate && certificateText(certificate, startedAtMs),
      pattern: patternText(check),
      attempts: confirmations && `${confirmations.count + 1}, the first failed: ${confirmations.firstCause}`,
    }),
    '',
  ].join('\n');
}

const explanation = ({ cause, detail }: Exclude<Check['verdict'], { outcome: 'up' }>): string[] => [
  `  ${cause}: ${aboutCause(cause).means}`,
  `  ${cleanDetail(detail)}`,
  `  What to do: ${aboutCause(cause).remedy}`,
];

/** One row per phase; each bar starts where the previous one ends. */
function bars(phases: Phases): string[] {
  const scale = BAR_CHARACTERS / Math.max(1, phases.totalUs);
  let sumUs = 0;
  return PHASES.map(([name, key]) => {
    const us = phases[key];
    const before = Math.round(sumUs * scale);
    sumUs += us ?? 0;
    const length = us === null ? 0 : Math.max(1, Math.round(sumUs * scale) - before);
    const bar = `${' '.repeat(Math.min(before, BAR_CHARACTERS - 1))}${'█'.repeat(length)}`;
    return `  ${name.padEnd(INDENT - 4)}  │${bar.slice(0, BAR_CHARACTERS).padEnd(BAR_CHARACTERS)}│ ${us === null ? '-' : ms(us)}`;
  });
}

const INDENT = 15;

const facts = (known: Readonly<Record<string, string | null>>): string[] =>
  Object.entries(known).flatMap(([name, text]) =>
    text === null ? [] : [`  ${name.padEnd(INDENT - 4)}  ${text}`],
  );

const hopText = ({ url, httpStatus, phases }: Hop): string =>
  `${httpStatus ?? '-'} ${redactUrl(url)} ${ms(phases.totalUs)}`;

function certificateText({ subject, issuer, host, expiresAtMs }: Certificate, atMs: number): string {
  const days = Math.floor((expiresAtMs - atMs) / DAY_MS);
  const when = days < 0 ? `expired ${-days} days ago` : `${days} days left`;
  return `${subject || host}, by ${issuer || 'an unnamed issuer'}, until ${new Date(expiresAtMs).toISOString().slice(0, 10)} (${when})`;
}

function patternText(check: Check): string | null {
  const occurs = regexMatchOf(check);
  if (check.match === null) return null;
  if (occurs === null) return check.match.kind;
  return `${occurs ? 'found' : 'not found'}${check.bodyCut ? ' in the part of the body that was read' : ''}`;
}

const ms = (us: number): string => `${us < 9_950 ? (us / 1_000).toFixed(1) : Math.round(us / 1_000)} ms`;

/** Formats a check for programs: durations in microseconds, null for phases that did not happen. */
export const checkJson = (check: Check) => ({
  url: redactUrl(check.lease.target.url),
  startedAt: new Date(check.startedAtMs).toISOString(),
  outcome: check.verdict.outcome,
  ...(check.verdict.outcome === 'up'
    ? { cause: null, detail: null }
    : { cause: check.verdict.cause, detail: cleanDetail(check.verdict.detail) }),
  httpStatus: check.httpStatus,
  regexMatch: regexMatchOf(check),
  bodyCut: check.bodyCut,
  phases: check.phases,
  hops: check.hops.map(hop => ({ ...hop, url: redactUrl(hop.url) })),
  certificate: check.certificate && {
    ...check.certificate,
    expiresAt: new Date(check.certificate.expiresAtMs).toISOString(),
  },
  rechecks: check.confirmations,
});
