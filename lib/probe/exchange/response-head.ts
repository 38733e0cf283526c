import type { IncomingHttpHeaders } from 'node:http';

/** Status line and headers, as Node parsed them. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The start of what the server sent on this connection, before parsing */
  readonly firstBytes: Buffer;
}

/** Enough bytes to recognise the protocol. */
export const FIRST_BYTES = 16;

/** Says why a parsed status line is not a valid response; null if it is. */
export function faultOfStatusLine(firstBytes: Buffer, status: number): string | null {
  // Node's parser accepts these two besides HTTP.
  if (/^\s*(RTSP|ICE)\//.test(firstBytes.toString('latin1'))) return 'the server speaks another protocol';
  // 1xx only announces a response; 101 answers a question we did not ask.
  return status < 200 || status > 599 ? `status ${status} is not a valid response status` : null;
}

/** Whether Node has decoded the body. If not, it hands the body over as sent, chunk sizes included. */
export const isTransferDecoded = (headers: IncomingHttpHeaders): boolean =>
  /^(chunked|identity)?$/i.test(headers['transfer-encoding'] ?? '');

/** Whatever follows the head of such a response, it is not a body. */
export const forbidsBody = (status: number): boolean => status === 204 || status === 304;
