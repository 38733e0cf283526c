import { double, type Fields, fixed64, hex, message, packed, text, whole, yesOrNo } from './protobuf.ts';

/** What of OTLP the specs look at, by the field numbers of its published `.proto` files. */
const value = message(() => ({
  1: ['string', text],
  2: ['bool', yesOrNo],
  3: ['int', whole],
  4: ['double', double],
}));
const keyValue = message(() => ({ 1: ['key', text], 2: ['value', value] }));

const resource = message(() => ({ 1: ['attributes', keyValue, true] }));
const scope = message(() => ({ 1: ['name', text], 2: ['version', text] }));

/** Requests of either signal nest alike: by resource, by scope, and then what it is about. */
const request = (items: string, fields: Fields) => {
  const ofScope = message(() => ({ 1: ['scope', scope], 2: [items, message(() => fields), true] }));
  const ofResource = message(() => ({ 1: ['resource', resource], 2: ['scopes', ofScope, true] }));
  return message(() => ({ 1: ['resources', ofResource, true] }));
};

const traceRequest = request('spans', {
  1: ['traceId', hex],
  2: ['spanId', hex],
  4: ['parentSpanId', hex],
  5: ['name', text],
  6: ['kind', whole],
  7: ['startNs', fixed64],
  8: ['endNs', fixed64],
  9: ['attributes', keyValue, true],
  15: ['status', message(() => ({ 2: ['message', text], 3: ['code', whole] }))],
});

const numberPoint = message(() => ({ 7: ['attributes', keyValue, true], 4: ['double', double] }));
const histogramPoint = message(() => ({
  9: ['attributes', keyValue, true],
  4: ['count', fixed64],
  5: ['sum', double],
  6: ['counts', packed(fixed64)],
  7: ['bounds', packed(double)],
}));
const metricRequest = request('metrics', {
  1: ['name', text],
  2: ['description', text],
  3: ['unit', text],
  5: ['gauge', message(() => ({ 1: ['points', numberPoint, true] }))],
  7: [
    'sum',
    message(() => ({
      1: ['points', numberPoint, true],
      2: ['temporality', whole],
      3: ['isMonotonic', yesOrNo],
    })),
  ],
  9: ['histogram', message(() => ({ 1: ['points', histogramPoint, true], 2: ['temporality', whole] }))],
});

type KeyValues = readonly { key: string; value: Record<string, unknown> }[];
type Attributes = Readonly<Record<string, unknown>>;

/** As their numbers in OTLP say */
export const KINDS = { internal: 1, client: 3 } as const;
export const CUMULATIVE = 2;
export const UNSET = 0;
export const ERROR = 2;

export interface SeenSpan {
  readonly resource: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined: it is a trace's first */
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface SeenPoint {
  readonly attributes: Attributes;
  readonly double?: number;
  readonly count?: bigint;
  readonly sum?: number;
  readonly counts?: readonly bigint[];
  readonly bounds?: readonly number[];
}

interface SeenPoints {
  readonly points: readonly SeenPoint[];
  readonly temporality?: number;
  readonly isMonotonic?: boolean;
}

export interface SeenMetric {
  readonly resource: Attributes;
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly gauge?: SeenPoints;
  readonly sum?: SeenPoints;
  readonly histogram?: SeenPoints;
}

export const readSpans = (body: Buffer) => plain(traceRequest(body), 'spans') as SeenSpan[];
export const readMetrics = (body: Buffer) => plain(metricRequest(body), 'metrics') as SeenMetric[];

function plain(request: unknown, items: string): unknown[] {
  const { resources } = withAttributes(request) as { resources: Record<string, Attributes>[] };
  return (resources as unknown as { resource: { attributes: Attributes }; scopes: Attributes[] }[]).flatMap(
    ({ resource: { attributes }, scopes }) =>
      scopes.flatMap(ofScope =>
        (ofScope[items] as object[]).map(item => ({ resource: attributes, ...item })),
      ),
  );
}

/** The same with each list of attributes as one object. */
function withAttributes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withAttributes);
  if (typeof node !== 'object' || node === null) return node;
  const parts = Object.entries(node).map(([name, part]) => [
    name,
    name === 'attributes'
      ? Object.fromEntries((part as KeyValues).map(({ key, value }) => [key, Object.values(value)[0]]))
      : withAttributes(part),
  ]);
  return Object.fromEntries(parts);
}
