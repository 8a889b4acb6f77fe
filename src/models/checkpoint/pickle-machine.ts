import { type PickleBytes, pickleBytes } from './pickle-bytes';
import type { PickleContext } from './pickle-context';
import type { PickleValue } from './pickle-value';

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
