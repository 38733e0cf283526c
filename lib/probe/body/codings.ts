const KNOWN = ['gzip', 'deflate', 'br', 'zstd'] as const;
export type Coding = (typeof KNOWN)[number];

export const ACCEPT_ENCODING = KNOWN.join(', ');

/** As curl and Firefox. More are a mistake or an attack. */
const LAYERS_MAX = 5;

/** Names that servers send for a body that is not compressed, transfer encodings of mail among them. */
const PLAIN: ReadonlySet<string> = new Set([
  '',
  'identity',
  'none',
  'utf-8',
  'utf8',
  '7bit',
  '8bit',
  'binary',
  'aws-chunked',
  'chunked',
]);

/**
 * Returns how a body is compressed, outermost coding first: empty if it is not, null if it has too many layers.
 *
 * Any other name is as if the header were not there, as in Chrome: the website works for its visitors.
 *
 * @param header of `Content-Encoding`, or `Transfer-Encoding` once Node has joined the chunks
 */
export function codingsIn(header: string | undefined): readonly Coding[] | null {
  if (header === undefined) return [];
  const names = header
    .toLowerCase()
    .split(',')
    .map(name => name.trim().replace(/^x-gzip$/, 'gzip'))
    .filter(name => !PLAIN.has(name));
  const codings = names.flatMap(name => KNOWN.find(coding => coding === name) ?? []);
  if (codings.length < names.length) return [];
  return codings.length > LAYERS_MAX ? null : codings.reverse();
}
