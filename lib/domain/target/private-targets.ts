/** Which addresses beyond public ones may be checked. */
export interface PrivateTargets {
  /** All but cloud metadata */
  readonly all: boolean;
  /** Addresses, or ranges as in `10.0.0.0/8`; a cloud's metadata address only where it stands here by itself */
  readonly ranges: readonly string[];
}

export const NO_PRIVATE_TARGETS: PrivateTargets = { all: false, ranges: [] };
