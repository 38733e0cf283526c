/** What a cause tells people. Both texts complete a line of a report: no capital, no full stop. */
export interface AboutCause {
  readonly means: string;
  /** What to do about it */
  readonly remedy: string;
}
