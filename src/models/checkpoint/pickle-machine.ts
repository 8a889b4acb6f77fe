import { fileError } from '../../internal/file-error';
import type { PickledStorage, PickleValue } from './pickle-values';

/** What every part of the unpickler needs: a way to fail, and a budget. */
export interface PickleContext {
  /** The error for this file. */
  fail(sentence: string): Error;
  /** Counts work; beyond the budget it throws, so that a small hostile file ends soon. */
  spend(work: number): void;
  /** The storages met so far, by key. */
  readonly storages: Map<string, PickledStorage>;
  /** The storage that lies in the pickle itself, as a file of torch.save in bytes. */
  storageIn(bytes: Uint8Array): PickledStorage;
}

/** Makes a value from the arguments that a pickle gives to a Python function. */
export type Builder = (args: readonly PickleValue[], context: PickleContext) => PickleValue;

// A checkpoint spends about 40 a tensor: this is enough for 100 000 tensors, and for 1 GB at most.
const BUDGET = 4_000_000;

/** The context of one file; only some hold storages in the pickle itself. */
export function pickleContext(
  file: { readonly name: string },
  storageIn?: PickleContext['storageIn'],
): PickleContext {
  let left = BUDGET;
  const fail = (sentence: string) => fileError(file, sentence);
  return {
    fail,
    storages: new Map(),
    storageIn: (bytes) => {
      if (storageIn) return storageIn(bytes);
      throw fail('refuses to build torch.storage._load_from_bytes; it is no plain pickle');
    },
    spend: (work) => {
      left -= work;
      if (left < 0) throw fail(`its pickle takes more than ${BUDGET} steps`);
    },
  };
}

const LONGEST_LINE = 1024;
const LONGEST_INTEGER = 255;

const lineEnd = '\n'.charCodeAt(0);
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a pickle, read one after the other. */
export interface PickleBytes {
  /** The position of the next byte. */
  position(): number;
  take(length: number): Uint8Array;
  /** The next number: little-endian, as the method's name says. */
  uint8(): number;
  uint16(): number;
  int32(): number;
  uint32(): number;
  uint64(): number;
  /** The one big-endian number of the format. */
  float64(): number;
  /** A two's complement integer of so many bytes. */
  integer(length: number): number | bigint;
  text(length: number): string;
  /** The text up to the end of the line. */
  line(): string;
}

/** Marks the error of a pickle that does not end within the bytes read so far. */
export const endOfBytes = Symbol('end of bytes');

/** A reader from `start` on. */
function pickleBytes(bytes: Uint8Array, start: number, context: PickleContext): PickleBytes {
  let at = start;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const advance = (length: number): number => {
    if (length > bytes.length - at) {
      throw Object.assign(context.fail('is cut short inside its pickle'), { [endOfBytes]: true });
    }
    at += length;
    return at - length;
  };
  const take = (length: number) => bytes.subarray(advance(length), at);
  return {
    position: () => at,
    take,
    uint8: () => view.getUint8(advance(1)),
    uint16: () => view.getUint16(advance(2), true),
    int32: () => view.getInt32(advance(4), true),
    uint32: () => view.getUint32(advance(4), true),
    uint64: () => Number(view.getBigUint64(advance(8), true)),
    float64: () => view.getFloat64(advance(8)),
    integer: (length) => {
      if (length <= LONGEST_INTEGER) return littleEndian(take(length));
      throw context.fail(`an integer must be <= ${LONGEST_INTEGER} bytes, got ${length}`);
    },
    text: (length) => utf8.decode(take(length)),
    line: () => {
      const end = bytes.subarray(at, at + LONGEST_LINE).indexOf(lineEnd);
      if (end >= 0) return utf8.decode(take(end + 1).subarray(0, end));
      advance(LONGEST_LINE);
      throw context.fail(`a line of its pickle must be <= ${LONGEST_LINE} bytes`);
    },
  };
}

/** A number where that is exact, else a bigint. */
export function plainInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function littleEndian(bytes: Uint8Array): number | bigint {
  const value = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return plainInteger(BigInt.asIntN(8 * bytes.length, value));
}

/** The state of the pickle machine: a stack with marks, and a memo. */
export interface PickleMachine extends PickleContext {
  readonly bytes: PickleBytes;
  push(value: PickleValue): void;
  pop(): PickleValue;
  top(): PickleValue;
  mark(): void;
  /** Takes what lies above the last mark, and the mark. */
  popMark(): PickleValue[];
  /** Drops the top, or the mark where nothing lies above it. */
  drop(): void;
  readonly memo: Map<number, PickleValue>;
}

/** What one byte of a pickle does to the machine. */
export type Opcode = (machine: PickleMachine) => void;

/** Opcodes by their byte. */
export type OpcodeTable = readonly (readonly [number, Opcode])[];

/** An opcode that pushes one value. */
export const pushing =
  (value: (machine: PickleMachine) => PickleValue): Opcode =>
  (machine) =>
    machine.push(value(machine));

/** An empty machine before the byte `start`. */
export function pickleMachine(
  bytes: Uint8Array,
  start: number,
  context: PickleContext,
): PickleMachine {
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const top = (): PickleValue => {
    if (stack.length > (marks.at(-1) ?? 0)) return stack[stack.length - 1];
    throw context.fail('its pickle takes a value that is not there');
  };
  const pop = (): PickleValue => {
    const value = top();
    stack.pop();
    return value;
  };
  const popMark = (): PickleValue[] => {
    const mark = marks.pop();
    if (mark === undefined) throw context.fail('its pickle takes a mark that is not there');
    return stack.splice(mark);
  };
  return {
    ...context,
    bytes: pickleBytes(bytes, start, context),
    memo: new Map(),
    push: (value) => stack.push(value),
    pop,
    top,
    mark: () => marks.push(stack.length),
    popMark,
    drop: () => (marks.at(-1) === stack.length ? popMark() : pop()),
  };
}
