import { objectOpcodes } from './object-opcodes';
import type { PickleContext } from './pickle-context';
import { pickleMachine } from './pickle-machine';
import type { PickleValue } from './pickle-value';
import { plainOpcodes } from './plain-opcodes';

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
