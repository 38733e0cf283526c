/** One metric that a PromQL expression names. */
export interface Selector {
  readonly name: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly text: string }[];
  /** What stands before it, and decides what is done with it */
  readonly before: string;
}

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right) *\(([^)]*)\)/g;

/** Labels by which anything is grouped or matched. */
export const groupingsOf = (expr: string): string[] =>
  [...expr.matchAll(GROUPING)].flatMap(([, labels = '']) => labels.split(/, */).filter(Boolean));

/** A rough reading, good for expressions without a comment or a brace in a text: whether they are sound promtool says. */
export function selectorsOf(expr: string): Selector[] {
  const plain = expr
    .replace(GROUPING, found => ' '.repeat(found.length))
    .replace(/\[[^\]]*\]/g, found => ' '.repeat(found.length));
  const found = plain.matchAll(/(?<![\w"])([a-z_A-Z][\w:]*)(?: *\{([^}]*)\})?(?! *\(|\w)/g);
  return [...found]
    .filter(({ 1: name = '' }) => !WORDS.has(name))
    .map(({ 1: name = '', 2: matchers = '', index }) => ({
      name,
      matchers: [...matchers.matchAll(/(\w+) *(=~|!~|!=|=) *"([^"]*)"/g)].map(
        ([, label = '', operator = '', text = '']) => ({ label, operator, text }),
      ),
      before: expr.slice(0, index),
    }));
}
