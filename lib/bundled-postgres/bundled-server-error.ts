/** The bundled server cannot run here. The message says why and what to do. */
export class BundledServerError extends Error {
  override readonly name = 'BundledServerError';
}
