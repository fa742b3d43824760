import type { Choice } from "./choice.js";
import { mutateBytes } from "./mutate-bytes.js";

/** A field as it stands on the wire; of a length-delimited one, the length that it claims may be wrong. */
interface ProtoField {
  number: bigint;
  wireType: number;
  value: Buffer;
  claimed: bigint | undefined;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const NASTY_NUMBERS = [0n, 1n, 2n, 3n, 15n, 16n, 19_000n, 536_870_911n, 536_870_912n, 2n ** 32n, 2n ** 60n];
const NASTY_VARINTS: readonly Buffer[] = [
  ...["00", "01", "7f", "8000", "ff01", "ffffffff0f", "ffffffffffffffff7f", "ffffffffffffffffff01"],
  ...["ffffffffffffffffff7f", "ffffffffffffffffffff01", "80808080808080808000", "80"],
].map((hex) => Buffer.from(hex, "hex"));
const NASTY_LENGTHS = [
  0n,
  1n,
  127n,
  128n,
  2n ** 21n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const REPEATS = [2, 10, 999, 1001];

/** A protobuf message with a few of its fields changed, on any level. */
export function mutateProtobuf(choice: Choice, message: Buffer): Buffer {
  let mutated = message;
  for (let left = 1 + choice.int(3); left > 0; left -= 1) mutated = mutateMessage(choice, mutated, 0);
  return mutated;
}

function mutateMessage(choice: Choice, message: Buffer, depth: number): Buffer {
  const fields = parse(message);
  if (fields === undefined || fields.length === 0 || choice.chance(0.1)) return mutateBytes(choice, message);
  const at = choice.int(fields.length);
  const field = fields[at] as ProtoField;
  if (field.wireType === BYTES && depth < 3 && choice.chance(0.6)) {
    field.value = mutateMessage(choice, field.value, depth + 1);
    return write(fields);
  }
  mutateField(choice, fields, at);
  return write(fields);
}

function mutateField(choice: Choice, fields: ProtoField[], at: number): void {
  const field = fields[at] as ProtoField;
  switch (choice.int(8)) {
    case 0:
      field.number = choice.pick(NASTY_NUMBERS);
      return;
    case 1:
      field.wireType = choice.int(8);
      return;
    case 2:
      field.claimed = choice.pick(NASTY_LENGTHS);
      return;
    case 3:
      fields.splice(at, 1);
      return;
    case 4:
      fields.splice(at, 1, ...Array.from({ length: choice.pick(REPEATS) }, () => field));
      return;
    case 5:
      fields.splice(choice.int(fields.length), 0, {
        number: choice.pick(NASTY_NUMBERS),
        wireType: VARINT,
        value: choice.pick(NASTY_VARINTS),
        claimed: undefined,
      });
      return;
    case 6:
      field.value = field.wireType === VARINT ? choice.pick(NASTY_VARINTS) : choice.bytes(choice.int(40));
      return;
    default:
      fields.push(...fields.splice(at, 1));
  }
}

/** The fields of a message; `undefined` for what is none. */
function parse(message: Buffer): ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at);
    if (tag === undefined) return undefined;
    const [key, start] = tag;
    const wireType = Number(key & 7n);
    const end = endOf(message, start, wireType);
    if (end === undefined || end > message.length) return undefined;
    const from = wireType === BYTES ? (readVarint(message, start)?.[1] ?? start) : start;
    fields.push({ number: key >> 3n, wireType, value: message.subarray(from, end), claimed: undefined });
    at = end;
  }
  return fields;
}

function endOf(message: Buffer, start: number, wireType: number): number | undefined {
  if (wireType === FIXED64) return start + 8;
  if (wireType === FIXED32) return start + 4;
  const varint = readVarint(message, start);
  if (varint === undefined || (wireType !== VARINT && wireType !== BYTES)) return undefined;
  return wireType === VARINT ? varint[1] : varint[1] + Number(varint[0]);
}

function readVarint(bytes: Buffer, start: number): [value: bigint, end: number] | undefined {
  let value = 0n;
  for (let at = start, shift = 0n; at < bytes.length && shift < 70n; at += 1, shift += 7n) {
    const byte = bytes[at] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at + 1];
  }
  return undefined;
}

function write(fields: readonly ProtoField[]): Buffer {
  const parts: Buffer[] = [];
  for (const { number, wireType, value, claimed } of fields) {
    parts.push(varint((number << 3n) | BigInt(wireType)));
    if (wireType === BYTES) parts.push(varint(claimed ?? BigInt(value.length)));
    parts.push(value);
  }
  return Buffer.concat(parts);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
