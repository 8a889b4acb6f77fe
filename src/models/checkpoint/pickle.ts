import { addPairs, construct, globalNamed } from './pickle-globals';
import {
  type Opcode,
  type OpcodeTable,
  type PickleBytes,
  type PickleContext,
  type PickleMachine,
  pickleMachine,
  plainInteger,
  pushing,
} from './pickle-machine';
import { describe, isModule, isOpaque, type PickleValue } from './pickle-values';
import { storageOf } from './torch';

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
const plainOpcodes: OpcodeTable = [
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

const tuple = (length: number): Opcode =>
  pushing(({ pop }) => Array.from({ length }, () => pop()).reverse());

const adding =
  (items: (machine: PickleMachine) => PickleValue[]): Opcode =>
  (machine) => {
    const added = items(machine);
    const target = machine.top();
    if (isOpaque(target)) return;
    const add = adder(target);
    if (!add) throw machine.fail(`its pickle adds items to ${describe(target)}`);
    for (const item of added) add(item);
  };

function adder(target: PickleValue): ((item: PickleValue) => void) | undefined {
  if (Array.isArray(target)) return (item) => target.push(item);
  if (target instanceof Set) return (item) => target.add(item);
  return undefined;
}

const addingPairs =
  (items: (machine: PickleMachine) => PickleValue[]): Opcode =>
  (machine) => {
    const added = items(machine);
    addPairs(machine.top(), added, machine);
  };

const dict = pushing((machine) => {
  const target = new Map<PickleValue, PickleValue>();
  addPairs(target, machine.popMark(), machine);
  return target;
});

const globalLine = (machine: PickleMachine) =>
  globalNamed(machine.bytes.line(), machine.bytes.line(), machine);

const globalOnStack = pushing((machine) => {
  const [module, name] = [machine.pop(), machine.pop()].reverse();
  if (typeof module === 'string' && typeof name === 'string') {
    return globalNamed(module, name, machine);
  }
  throw machine.fail(`its pickle names ${describe(module)} and ${describe(name)}, not text`);
});

const call: Opcode = pushing((machine) => {
  const args = machine.pop();
  return construct(machine.pop(), args, machine);
});

const callWithKeywords: Opcode = (machine) => {
  machine.pop();
  call(machine);
};

const callMarked = pushing((machine) => {
  const [callee = null, ...args] = machine.popMark();
  return construct(callee, args, machine);
});

const callNamed = pushing((machine) => construct(globalLine(machine), machine.popMark(), machine));

// The state of an object is dropped, but that of a module: of an OrderedDict it is torch's
// `_metadata`, a tensor has none, and an opaque object stays a name.
const build: Opcode = (machine) => {
  const state = machine.pop();
  const target = machine.top();
  if (isModule(target)) target.state = state;
};

/** The stack, containers, and what Python would build or call: pickle protocols 1 to 5. */
const objectOpcodes: OpcodeTable = [
  [0x28, (machine) => machine.mark()], // MARK
  [0x30, (machine) => machine.drop()], // POP
  [0x31, (machine) => machine.popMark()], // POP_MARK
  [0x32, pushing((machine) => machine.top())], // DUP
  [0x29, pushing(() => [])], // EMPTY_TUPLE
  [0x5d, pushing(() => [])], // EMPTY_LIST
  [0x7d, pushing(() => new Map())], // EMPTY_DICT
  [0x8f, pushing(() => new Set())], // EMPTY_SET
  [0x74, pushing((machine) => machine.popMark())], // TUPLE
  [0x85, tuple(1)], // TUPLE1
  [0x86, tuple(2)], // TUPLE2
  [0x87, tuple(3)], // TUPLE3
  [0x6c, pushing((machine) => machine.popMark())], // LIST
  [0x91, pushing((machine) => new Set(machine.popMark()))], // FROZENSET
  [0x64, dict], // DICT
  [0x61, adding((machine) => [machine.pop()])], // APPEND
  [0x65, adding((machine) => machine.popMark())], // APPENDS
  [0x90, adding((machine) => machine.popMark())], // ADDITEMS
  [0x73, addingPairs((machine) => [machine.pop(), machine.pop()].reverse())], // SETITEM
  [0x75, addingPairs((machine) => machine.popMark())], // SETITEMS
  [0x63, pushing(globalLine)], // GLOBAL
  [0x93, globalOnStack], // STACK_GLOBAL
  [0x52, call], // REDUCE
  [0x81, call], // NEWOBJ
  [0x92, callWithKeywords], // NEWOBJ_EX
  [0x6f, callMarked], // OBJ
  [0x69, callNamed], // INST
  [0x62, build], // BUILD
  [0x51, pushing((machine) => storageOf(machine.pop(), machine))], // BINPERSID
];

const STOP = 0x2e;

const opcodes = new Map([...plainOpcodes, ...objectOpcodes]);

/**
 * Reads one pickle of torch.save, from `start` on, and says where it ends. It builds tensors,
 * containers, numbers and text; any other object stays a name, and no code is ever run.
 *
 * Reference: CPython's Lib/pickletools.py (opcodes); torch/serialization.py (persistent ids).
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  context: PickleContext,
): { value: PickleValue; end: number } {
  const machine = pickleMachine(bytes, start, context);
  for (;;) {
    context.spend(1);
    const code = machine.bytes.uint8();
    if (code === STOP) return { value: machine.pop(), end: machine.bytes.position() };
    const opcode = opcodes.get(code);
    if (!opcode)
      throw context.fail(`its pickle holds the opcode ${code}, which torch never writes`);
    opcode(machine);
  }
}
