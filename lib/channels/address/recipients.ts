/** An address that no header can be smuggled through: RFC 5321's, without quoted local parts and comments. */
const MAIL_ADDRESS = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\p{L}\p{N}-]+\.)*[\p{L}\p{N}-]{1,63}$/u;

const RECIPIENTS_MAX = 50;

/** Reads the part after `mailto:`. Returns the addresses, or a problem. */
export function readRecipients(rest: string): readonly string[] | string {
  const decoded = rest.split(',').map(decode);
  if (decoded.length > RECIPIENTS_MAX) return `must have at most ${RECIPIENTS_MAX} addresses`;
  return decoded.every(isMailAddress) ? decoded : 'must look like mailto:a@example.org,b@example.org';
}

export const isMailAddress = (text: string): boolean => text.length <= 254 && MAIL_ADDRESS.test(text);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
