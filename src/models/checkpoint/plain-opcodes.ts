import { type PickleBytes, plainInteger } from './pickle-bytes';
import { type Opcode, type OpcodeTable, type PickleMachine, pushing } from './pickle-machine';
import type { PickleValue } from './pickle-value';

const read = (value: (bytes: PickleBytes) => PickleValue): Opcode =>
  pushing(({ bytes }) => value(bytes));

const storing =
  (index: (machine: PickleMachine) => number): Opcode =>
  (machine) => {
    machine.memo.set(index(machine), machine.top());
  };

const loading = (index: (bytes: PickleBytes) => number): Opcode =>
  pushing(({ bytes, memo, fail }) => {
    const key = index(bytes);
    const value = memo.get(key);
    if (value === undefined) throw fail(`its pickle has no memo ${key}`);
    return value;
  });

const integerLine = pushing(({ bytes, fail }) => {
  const line = bytes.line().replace(/L$/, '');
  if (line === '00' || line === '01') return line === '01'; // booleans of protocol 1
  if (/^-?\d{1,1000}$/.test(line)) return plainInteger(BigInt(line));
  throw fail('its pickle holds an integer that is none');
});

/** Numbers, text, bytes and the memo: pickle protocols 1 to 5. */
export const plainOpcodes: OpcodeTable = [
  [0x80, ({ bytes }) => bytes.take(1)], // PROTO
  [0x95, ({ bytes }) => bytes.take(8)], // FRAME
  [0x4e, pushing(() => null)], // NONE
  [0x88, pushing(() => true)], // NEWTRUE
  [0x89, pushing(() => false)], // NEWFALSE
  [0x49, integerLine], // INT
  [0x4c, integerLine], // LONG
  [0x4a, read((bytes) => bytes.int32())], // BININT
  [0x4b, read((bytes) => bytes.uint8())], // BININT1
  [0x4d, read((bytes) => bytes.uint16())], // BININT2
  [0x8a, read((bytes) => bytes.integer(bytes.uint8()))], // LONG1
  [0x8b, read((bytes) => bytes.integer(bytes.uint32()))], // LONG4
  [0x47, read((bytes) => bytes.float64())], // BINFLOAT
  [0x55, read((bytes) => bytes.text(bytes.uint8()))], // SHORT_BINSTRING
  [0x54, read((bytes) => bytes.text(bytes.uint32()))], // BINSTRING
  [0x58, read((bytes) => bytes.text(bytes.uint32()))], // BINUNICODE
  [0x8c, read((bytes) => bytes.text(bytes.uint8()))], // SHORT_BINUNICODE
  [0x8d, read((bytes) => bytes.text(bytes.uint64()))], // BINUNICODE8
  [0x43, read((bytes) => bytes.take(bytes.uint8()))], // SHORT_BINBYTES
  [0x42, read((bytes) => bytes.take(bytes.uint32()))], // BINBYTES
  [0x8e, read((bytes) => bytes.take(bytes.uint64()))], // BINBYTES8
  [0x96, read((bytes) => bytes.take(bytes.uint64()))], // BYTEARRAY8
  [0x70, storing(({ bytes }) => Number(bytes.line()))], // PUT
  [0x71, storing(({ bytes }) => bytes.uint8())], // BINPUT
  [0x72, storing(({ bytes }) => bytes.uint32())], // LONG_BINPUT
  [0x94, storing(({ memo }) => memo.size)], // MEMOIZE
  [0x67, loading((bytes) => Number(bytes.line()))], // GET
  [0x68, loading((bytes) => bytes.uint8())], // BINGET
  [0x6a, loading((bytes) => bytes.uint32())], // LONG_BINGET
];
