/**
 * Returns the changelog section of a release.
 *
 * @param tag the version with a v before it
 * @throws Error if tag, version and changelog disagree; the message says what to do
 */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) {
    throw new Error(`the package is ${version}, so the tag must be v${version}: it is ${tag || 'missing'}`);
  }
  const section = changelog.split(/^## /m).find(text => text.split(/\s/, 1)[0] === version);
  const notes = section?.slice(section.indexOf('\n')).trim();
  if (!notes) throw new Error(`CHANGELOG.md has no section "## ${version}": rename "## Unreleased" to that`);
  return notes;
}
