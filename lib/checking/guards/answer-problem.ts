import { DOWN_CAUSES, UNKNOWN_CAUSES } from '../../domain/check/cause.ts';

/** What PostgreSQL's integer holds: 36 minutes. */
const PHASE_US_MAX = 2 ** 31 - 1;
/** The end of the year 9999. */
const EXPIRES_AT_MS_MAX = 253_402_300_799_999;

const CAUSES: ReadonlySet<unknown> = new Set([...DOWN_CAUSES, ...UNKNOWN_CAUSES]);
const PHASE_NAMES = ['dnsUs', 'connectUs', 'tlsUs', 'ttfbUs', 'transferUs'] as const;
const CERTIFICATE_TEXTS = ['host', 'subject', 'issuer', 'fingerprint'] as const;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns why a value from code that is not ours is no `Answer`, or null if it is one. Names the field and never
 * shows its value. Fractions of a microsecond are no problem: they are rounded later.
 */
export function answerProblem(value: unknown): string | null {
  if (!isObject(value)) return 'it is not an object';
  switch (value.kind) {
    case 'aborted':
      return null;
    case 'answered':
      return answeredProblem(value) ?? seenProblem(value);
    case 'failed':
      return failedProblem(value) ?? seenProblem(value);
    default:
      return 'kind must be answered, failed or aborted';
  }
}

function answeredProblem({ httpStatus, body, bodyCut, heldUpMs }: Fields): string | null {
  if (!isStatus(httpStatus)) return 'httpStatus must be a whole number from 100 to 999';
  if (typeof body !== 'string') return 'body must be a text';
  if (typeof bodyCut !== 'boolean') return 'bodyCut must be true or false';
  if (!isWithin(heldUpMs, Number.MAX_SAFE_INTEGER)) return 'heldUpMs must be a number from 0';
  return null;
}

function failedProblem({ httpStatus, cause, detail }: Fields): string | null {
  if (!CAUSES.has(cause)) return 'cause must be one of DOWN_CAUSES or UNKNOWN_CAUSES';
  if (typeof detail !== 'string') return 'detail must be a text';
  if (httpStatus !== null && !isStatus(httpStatus)) return 'httpStatus must be null or from 100 to 999';
  return null;
}

function seenProblem({ phases, hops, certificate }: Fields): string | null {
  if (!Array.isArray(hops)) return 'hops must be an array';
  return (
    phasesProblem('phases', phases) ??
    hops.map(hopProblem).find(problem => problem !== null) ??
    certificateProblem(certificate)
  );
}

function phasesProblem(name: string, phases: unknown): string | null {
  if (!isObject(phases)) return `${name} must be an object`;
  if (!isWithin(phases.totalUs, PHASE_US_MAX))
    return `${name}.totalUs must be a number from 0 to ${PHASE_US_MAX}`;
  const wrong = PHASE_NAMES.find(phase => phases[phase] !== null && !isWithin(phases[phase], PHASE_US_MAX));
  return wrong === undefined ? null : `${name}.${wrong} must be null or a number from 0 to ${PHASE_US_MAX}`;
}

function hopProblem(hop: unknown, index: number): string | null {
  const name = `hops[${index}]`;
  if (!isObject(hop)) return `${name} must be an object`;
  if (typeof hop.url !== 'string') return `${name}.url must be a text`;
  if (hop.address !== null && typeof hop.address !== 'string')
    return `${name}.address must be a text or null`;
  if (hop.httpStatus !== null && !isStatus(hop.httpStatus))
    return `${name}.httpStatus must be null or from 100 to 999`;
  return phasesProblem(`${name}.phases`, hop.phases);
}

function certificateProblem(certificate: unknown): string | null {
  if (certificate === null) return null;
  if (!isObject(certificate)) return 'certificate must be an object or null';
  if (!isWithin(certificate.expiresAtMs, EXPIRES_AT_MS_MAX))
    return 'certificate.expiresAtMs must be milliseconds since 1970';
  const wrong = CERTIFICATE_TEXTS.find(name => typeof certificate[name] !== 'string');
  return wrong === undefined ? null : `certificate.${wrong} must be a text`;
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const isStatus = (value: unknown): boolean =>
  Number.isInteger(value) && isWithin(value, 999) && Number(value) >= 100;

const isWithin = (value: unknown, max: number): boolean =>
  typeof value === 'number' && value >= 0 && value <= max;
