import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync, getDiffieHellman, randomBytes, sign } from 'node:crypto';

/** A key pair with its certificate, as `tls` takes them. */
export interface Identity {
  readonly key: string;
  /** PEM, the authority's own after it where there is one */
  readonly cert: string;
}

export interface Authority extends Identity {
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** An authority may have one above it: then its PEM ends in that of the other. */
interface AuthorityOptions extends Validity {
  readonly issuer?: Authority;
}

interface Validity {
  readonly from?: Date;
  /** A text goes in as it stands, be it a time or not */
  readonly until?: Date | string;
}

interface IdentityOptions extends Validity {
  /** Empty: the certificate names nobody, as those of many a website do */
  readonly subject?: string;
  /** Holds a critical extension, so that whoever does not know it must not accept the certificate */
  readonly isOdd?: boolean;
  /** An RSA key of so many bits; default: an elliptic one */
  readonly rsaBits?: number;
}

/** A certificate authority that nobody trusts who is not told to. */
export function createAuthority(
  name = 'a test authority',
  { issuer, ...validity }: AuthorityOptions = {},
): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = { publicKey, subject: name, isAuthority: true, ...validity };
  const cert = certify(request, issuer ?? { name, privateKey });
  return { name, privateKey, cert: cert + (issuer?.cert ?? ''), key: pemOf(privateKey) };
}

/** Another certificate for the name and key of `authority`, by `issuer`. */
export function crossSigned(authority: Authority, issuer: Authority, validity: Validity = {}): string {
  const publicKey = createPublicKey(authority.privateKey);
  return certify({ publicKey, subject: authority.name, isAuthority: true, ...validity }, issuer);
}

/** A website's certificate for `hosts`, by `authority` or, without one, by itself. */
export function createIdentity(
  hosts: readonly string[],
  authority?: Authority,
  { rsaBits, ...options }: IdentityOptions = {},
): Identity {
  const { publicKey, privateKey } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const issuer = authority ?? { name: 'itself', privateKey };
  const subject = authority === undefined ? issuer.name : 'a test website';
  const cert = certify({ publicKey, subject, hosts, ...options }, issuer);
  return { key: pemOf(privateKey), cert: cert + (authority?.cert ?? '') };
}

interface Request extends Validity {
  readonly publicKey: KeyObject;
  readonly subject: string;
  readonly isAuthority?: boolean;
  readonly isOdd?: boolean;
  readonly hosts?: readonly string[];
}

/** An X.509 v3 certificate: RFC 5280, section 4.1. */
function certify(request: Request, issuer: Pick<Authority, 'name' | 'privateKey'>): string {
  const { publicKey, subject, isAuthority = false, isOdd = false, hosts = [] } = request;
  const { from = daysFromNow(-1), until = daysFromNow(1) } = request;
  const extensions = [
    extension('551d13', sequence(isAuthority ? TRUE : Buffer.alloc(0))),
    ...(hosts.length === 0 ? [] : [extension('551d11', sequence(...hosts.map(alternativeName)))]),
    ...(isOdd ? [sequence(objectId('2a0304'), TRUE, der(0x04, sequence()))] : []),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])), // serial number
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    sequence(time(from), time(until)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const certificate = sequence(
    body,
    ECDSA_WITH_SHA256,
    der(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const der = (tag: number, content: Uint8Array): Buffer => {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, Buffer.concat(parts));
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));

const extension = (id: string, value: Uint8Array): Buffer => sequence(objectId(id), der(0x04, value));

const distinguishedName = (name: string): Buffer =>
  name === '' ? sequence() : sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))));

/** A host name, or an IPv4 address. */
const alternativeName = (host: string): Buffer =>
  /^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));

const time = (moment: Date | string): Buffer => der(0x18, Buffer.from(generalizedTime(moment)));

const generalizedTime = (moment: Date | string): string =>
  typeof moment === 'string'
    ? moment
    : moment
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replaceAll(/[-:T]/g, '');

/** Parameters of Diffie and Hellman's key exchange, in PEM: those of a group that Node knows. */
export function dhParameters(group: string): string {
  const { prime, generator } = dhGroup(group);
  const integer = (bytes: Buffer): Buffer => der(0x02, Buffer.concat([Buffer.from([0]), bytes]));
  const body = sequence(integer(prime), integer(generator)).toString('base64');
  return [
    '-----BEGIN DH PARAMETERS-----',
    ...(body.match(/.{1,64}/g) ?? []),
    '-----END DH PARAMETERS-----',
    '',
  ].join('\n');
}

function dhGroup(name: string): { readonly prime: Buffer; readonly generator: Buffer } {
  const group = getDiffieHellman(name);
  return { prime: group.getPrime(), generator: group.getGenerator() };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export const daysFromNow = (days: number): Date => new Date(Date.now() + days * 86_400_000);
