import type tls from 'node:tls';
import type { Identity } from '../certificates.ts';
import { createAuthority, createIdentity, crossSigned, daysFromNow } from '../certificates.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { response } from './misbehaviour.ts';
import type { Serve } from './serving.ts';
import { onceSecure } from './serving.ts';

const LONG = { until: daysFromNow(90) };
const SOON = { until: daysFromNow(2) };
const OVER = { until: daysFromNow(-0.5) };
const WEEK = { certificateValidityMinMs: 7 * 86_400_000 };

/** Whom a check must trust for the rows to come out as they say. */
export const authority = createAuthority('the hostile website’s authority', LONG);
const below = (validity: { readonly until: Date }) =>
  createAuthority('an authority between', { issuer: authority, ...validity });

export const HOSTS = ['127.0.0.1', 'localhost'];
const many = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `host-${index}.example.org`);

/** Good in every way. */
export const trusted = createIdentity(HOSTS, authority, LONG);
const expired = createIdentity(HOSTS, authority, OVER);
const TIMELESS = createIdentity(HOSTS, authority, { until: '20269999999999Z' });
const withoutChain = (identity: Identity): Identity => ({ ...identity, cert: ownOf(identity) });

const middle = below(LONG);
const old = createAuthority('an authority of old', OVER);
const withMore = (...certificates: readonly string[]): Identity => {
  const identity = createIdentity(HOSTS, middle, LONG);
  return { ...identity, cert: identity.cert + certificates.join('') };
};
/** Its authority is no longer trusted, but for the cross-signature. */
const renewed = createAuthority('an authority renewed', LONG);
const crossed = (validity: { readonly until: Date }): Identity => {
  const identity = createIdentity(HOSTS, renewed, LONG);
  return { ...identity, cert: ownOf(identity) + crossSigned(renewed, authority, validity) };
};
const ownOf = ({ cert }: Identity): string => cert.split(/(?<=END CERTIFICATE-----\n)/)[0] ?? '';

/** Answers as this identity. */
export const as = (options: tls.TlsOptions): Serve =>
  onceSecure(options, socket => socket.once('data', () => socket.end(response())));

/** Certificates, each presented by a server that would answer. */
export const CERTIFICATES: readonly Misbehaviour<Serve>[] = [
  ['a certificate that is good', 'up', 200, as(trusted)],
  ['a certificate that has expired', 'tls_expired', null, as(expired)],
  ['one that has expired, and is accepted', 'up', 200, as(expired), { verifiesTls: false }],
  [
    'one of tomorrow',
    'tls_not_yet_valid',
    null,
    as(createIdentity(HOSTS, authority, { from: daysFromNow(1) })),
  ],
  ['one for another host', 'tls_wrong_host', null, as(createIdentity(['example.org'], authority))],
  ['one for no host', 'tls_wrong_host', null, as(createIdentity([], authority))],
  ['one for 2,000 other hosts', 'tls_wrong_host', null, as(createIdentity(many(2_000), authority))],
  ['one for 2,000 hosts and this', 'up', 200, as(createIdentity([...many(2_000), ...HOSTS], authority))],
  ['one signed by itself', 'tls_self_signed', null, as(createIdentity(HOSTS))],
  ['one of a stranger', 'tls_untrusted', null, as(createIdentity(HOSTS, createAuthority('a stranger')))],
  ['one that names nobody', 'up', 200, as(createIdentity(HOSTS, authority, { ...LONG, subject: '' }))],
  ['one with an unknown duty', 'tls_untrusted', null, as(createIdentity(HOSTS, authority, { isOdd: true }))],
  ['one that names no time at its end', 'tls_untrusted', null, as(TIMELESS)],
  [
    'one that names no time at its end, and is accepted',
    'tls_expires_soon',
    200,
    as(TIMELESS),
    { ...WEEK, verifiesTls: false },
  ],
  ['a chain without its middle', 'tls_untrusted', null, as(withoutChain(createIdentity(HOSTS, below(LONG))))],
  ['a chain whose middle has expired', 'tls_expired', null, as(createIdentity(HOSTS, below(OVER)))],
  [
    'a chain whose middle expires soon',
    'tls_expires_soon',
    200,
    as(createIdentity(HOSTS, below(SOON), LONG)),
    WEEK,
  ],
  [
    'a chain whose end expires soon',
    'tls_expires_soon',
    200,
    as(createIdentity(HOSTS, below(LONG), SOON)),
    WEEK,
  ],
  [
    'an old cross-signature that nobody needs',
    'up',
    200,
    as(withMore(crossSigned(authority, old, OVER))),
    WEEK,
  ],
  [
    'a cross-signature of the middle that expires soon',
    'up',
    200,
    as(withMore(crossSigned(middle, old, SOON))),
    WEEK,
  ],
  ['an old authority that nobody needs', 'up', 200, as(withMore(old.cert)), WEEK],
  [
    'a certificate of another that expires soon',
    'up',
    200,
    as(withMore(createIdentity(['b'], middle, SOON).cert)),
    WEEK,
  ],
  [
    'an authority of the same name that has expired',
    'up',
    200,
    as(withMore(createAuthority(authority.name, OVER).cert)),
    WEEK,
  ],
  [
    'an old cross-signature, and any certificate is accepted',
    'up',
    200,
    as(withMore(crossSigned(authority, old, OVER))),
    { ...WEEK, verifiesTls: false },
  ],
  ['a cross-signature that is needed', 'up', 200, as(crossed(LONG)), WEEK],
  ['a cross-signature that is needed and expires soon', 'tls_expires_soon', 200, as(crossed(SOON)), WEEK],
  ['a cross-signature that is needed and has expired', 'tls_expired', null, as(crossed(OVER))],
  [
    'one signed by itself that expires soon, and is accepted',
    'tls_expires_soon',
    200,
    as(createIdentity(HOSTS, undefined, SOON)),
    { ...WEEK, verifiesTls: false },
  ],
  ['a chain of 300 certificates', 'tls_failed', null, as({ ...trusted, cert: trusted.cert.repeat(150) })],
];
