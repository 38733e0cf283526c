import type { IncomingHttpHeaders } from 'node:http';
import type { Method } from '../domain/target/target.ts';

/** Of what Node's parser takes for the beginning of a response, that which is none; null where all is well. */
export function faultOfStatusLine(firstBytes: Buffer, status: number): string | null {
  if (/^\s*(RTSP|ICE)\//.test(firstBytes.toString('latin1'))) return 'it speaks another protocol than HTTP';
  // 1xx announces a response, and 101, which is one, answers what nobody asked.
  return status < 200 || status > 599 ? `status ${status} is none that a response may have` : null;
}

/** False: Node hands the body over as it came, chunk sizes and all. */
export const isTransferDecoded = (headers: IncomingHttpHeaders): boolean =>
  /^(chunked|identity)?$/i.test(headers['transfer-encoding'] ?? '');

/** What such a status is sent with is no body, whatever else it is. */
export const forbidsBody = (status: number): boolean => status === 204 || status === 304;

/** Whether nothing but the closing of the connection says that the response is whole. */
export const isEndedByClosing = (method: Method, status: number, headers: IncomingHttpHeaders): boolean =>
  method !== 'HEAD' &&
  !forbidsBody(status) &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding']?.toLowerCase() !== 'chunked';
