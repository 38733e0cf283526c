import type { Method } from '../../domain/target/target.ts';
import { type Coding, codingsIn } from '../body/codings.ts';
import type { ResponseHead } from './response-head.ts';

/** Where a body ends: https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunks' }
  /** At the end of the connection */
  | { readonly kind: 'open' };

/** How a response to `method` delimits its body. Whatever follows the head of a 204 or 304 is not a body. */
export function framingOf({ status, headers, contentLength }: ResponseHead, method: Method): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
  if (namesIn(headers['transfer-encoding']).includes('chunked')) return { kind: 'chunks' };
  return contentLength === null ? { kind: 'open' } : { kind: 'length', bytes: contentLength };
}

const TRANSFER_CODINGS: ReadonlySet<string> = new Set([
  '',
  'identity',
  'chunked',
  'gzip',
  'x-gzip',
  'deflate',
]);

/** Whether the body can be read: an unknown transfer coding may frame it in another way. */
export const isTransferKnown = ({ headers }: ResponseHead): boolean =>
  namesIn(headers['transfer-encoding']).every(name => TRANSFER_CODINGS.has(name));

/** How the body is compressed, outermost first, by both kinds of coding; null if it has too many layers. */
export function codingsOf({ headers }: ResponseHead): readonly Coding[] | null {
  const transfer = codingsIn(headers['transfer-encoding']);
  const content = codingsIn(headers['content-encoding']);
  return transfer && content && [...transfer, ...content];
}

const namesIn = (header = ''): readonly string[] =>
  header === ''
    ? []
    : header
        .toLowerCase()
        .split(',')
        .map(name => name.trim());
