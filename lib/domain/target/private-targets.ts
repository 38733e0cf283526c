/** Which addresses may be checked besides public ones. */
export interface PrivateTargets {
  /** All private addresses, except those of cloud metadata services */
  readonly all: boolean;
  /**
   * Addresses, and ranges such as `10.0.0.0/8`. No range includes a cloud's metadata address; only listing
   * the address itself allows it.
   */
  readonly ranges: readonly string[];
}

/** Only public addresses may be checked: the default. */
export const NO_PRIVATE_TARGETS: PrivateTargets = { all: false, ranges: [] };
