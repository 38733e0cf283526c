/** A text that consists of `${env:NAME}` or `${file:NAME}` and nothing else. */
export const SECRET_REFERENCE = /^\$\{(env|file):([^}]*)\}$/;

/** Whether `text` refers to a secret and therefore contains none itself. */
export const isReference = (text: string): boolean => SECRET_REFERENCE.test(text);
