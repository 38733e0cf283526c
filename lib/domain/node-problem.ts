/** The same as `engines` in package.json. */
export const NODE_MIN = 24;

/**
 * Returns why this program cannot run on a version of Node, in one sentence; null if it can. An older Node starts it,
 * but every check would be `internal_error`.
 *
 * @param version as in `process.versions.node`
 */
export function nodeProblem(version: string): string | null {
  if (Number.parseInt(version, 10) >= NODE_MIN) return null;
  return `website-monitor needs Node ${NODE_MIN} or newer, and this is Node ${version}`;
}

/** @throws Error on a Node that is too old, at the call that would start something on it */
export function requireNode(version: string): void {
  const problem = nodeProblem(version);
  if (problem !== null) throw new Error(problem);
}
