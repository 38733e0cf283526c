import type { Target } from '../../lib/domain/target/target.ts';
import type { HostileRow } from '../../spec/support/hostile/hostile-website.ts';

const DAY_MS = 86_400_000;

/** The misbehaviours by kind: the expected result, the URL, and the flags to check it with. */
export function hostileTable(rows: readonly HostileRow[], urls: readonly string[]): string {
  const placed = rows.map((row, index) => ({ ...row, url: urls[index] ?? '' }));
  const expectedWidth = Math.max(...rows.map(({ expected }) => expected.length));
  const whatWidth = Math.max(...rows.map(({ what }) => what.length));
  const lineOf = ({ what, expected, url, target }: (typeof placed)[number]): string =>
    `  ${[expected.padEnd(expectedWidth), what.padEnd(whatWidth), url, ...flagsOf(target)].join('  ')}`;
  return Object.entries(Object.groupBy(placed, ({ kind }) => kind))
    .map(([kind, ofKind = []]) => [kind, ...ofKind.map(lineOf)].join('\n'))
    .join('\n\n');
}

/** As `check-url` takes them. */
function flagsOf({
  method,
  requestBody,
  certificateValidityMinMs,
  verifiesTls,
  acceptsLegacyTls,
}: Partial<Target>): string[] {
  return [
    ...(method === undefined ? [] : [`--method ${method}`]),
    ...(requestBody == null ? [] : [`--request-body "$(printf %${requestBody.length}s)"`]),
    ...(certificateValidityMinMs == null
      ? []
      : [`--min-certificate-validity ${certificateValidityMinMs / DAY_MS}`]),
    ...(verifiesTls === false ? ['--no-verify-tls'] : []),
    ...(acceptsLegacyTls ? ['--legacy-tls'] : []),
  ];
}
