import { addPairs, construct, globalNamed } from './pickle-globals';
import { type Opcode, type OpcodeTable, type PickleMachine, pushing } from './pickle-machine';
import { describe, isOpaque, type PickleValue } from './pickle-value';
import { storageOf } from './torch-builders';

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

// The state of an object is dropped: of an OrderedDict it is torch's `_metadata`, a tensor has
// none, and an opaque object stays a name.
const build: Opcode = (machine) => {
  machine.pop();
};

/** The stack, containers, and what Python would build or call: pickle protocols 1 to 5. */
export const objectOpcodes: OpcodeTable = [
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
