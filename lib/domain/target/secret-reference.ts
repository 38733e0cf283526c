/** `${env:NAME}` or `${file:NAME}`, and nothing else beside it. */
export const SECRET_REFERENCE = /^\$\{(env|file):([^}]*)\}$/;

/** Whether a text stands for a secret that is kept elsewhere, and so is none itself. */
export const isReference = (text: string): boolean => SECRET_REFERENCE.test(text);
