/** The embedded server cannot run here; the message says why and what to do, for a person. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}
