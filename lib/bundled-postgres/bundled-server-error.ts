/** The bundled server cannot run here; the message says why and what to do, for a person. */
export class BundledServerError extends Error {
  override readonly name = 'BundledServerError';
}
