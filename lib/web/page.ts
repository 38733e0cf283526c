/** A response of the HTTP server. */
export interface Page {
  readonly status: number;
  readonly body: string;
  /** Default: plain text */
  readonly type?: string;
}
