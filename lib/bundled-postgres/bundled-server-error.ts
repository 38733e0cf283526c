/** The bundled server cannot run here; the message tells a person why and what to do. */
export class BundledServerError extends Error {
  override readonly name = 'BundledServerError';
}
