/** Reads a field's bytes, or the number that stands in their place. */
type Read = (value: Buffer | bigint) => unknown;

/** A field's name, how it is read, and whether there may be several. */
export type Fields = Readonly<Record<number, readonly [name: string, read: Read, isRepeated?: true]>>;

/** A reader of protobuf messages, by the numbers of their fields; fields that it does not name are left out. */
export const message =
  (fields: () => Fields): Read =>
  bytes => {
    const known = fields();
    const found: Record<string, unknown> = {};
    for (const [name, , isRepeated] of Object.values(known)) if (isRepeated) found[name] = [];
    for (const [number, value] of wire(bytes as Buffer)) {
      const [name, read, isRepeated] = known[number] ?? [];
      if (name === undefined || read === undefined) continue;
      if (isRepeated) (found[name] as unknown[]).push(read(value));
      else found[name] = read(value);
    }
    return found;
  };

export const text: Read = value => (value as Buffer).toString('utf8');
export const hex: Read = value => (value as Buffer).toString('hex');
export const whole: Read = value => Number(BigInt.asIntN(64, value as bigint));
export const yesOrNo: Read = value => value === 1n;
export const fixed64: Read = value => (value as Buffer).readBigUInt64LE();
export const double: Read = value => (value as Buffer).readDoubleLE();
/** Several of eight bytes each, one behind the other */
export const packed =
  (read: Read): Read =>
  value =>
    Array.from({ length: (value as Buffer).length / 8 }, (_, place) =>
      read((value as Buffer).subarray(8 * place, 8 * place + 8)),
    );

function* wire(bytes: Buffer): Generator<readonly [number: number, value: Buffer | bigint]> {
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(offset++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  while (offset < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield [number, varint()];
        break;
      case 1:
        yield [number, take(8)];
        break;
      case 2:
        yield [number, take(Number(varint()))];
        break;
      case 5:
        yield [number, take(4)];
        break;
      default:
        throw new Error(`field ${number} has an unknown wire type`);
    }
  }
}
