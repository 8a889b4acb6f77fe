import { quote } from '../../internal/plain-text';
import type { Builder, PickleContext } from './pickle-machine';
import { describe, isOpaque, type Opaque, type PickleValue, show } from './pickle-values';
import { moduleBuilders } from './pickled-module';
import { torchBuilders } from './torch';

// Nothing named by a file is ever run here. These are refused all the same, not kept as names: a
// file that holds them was made to attack whoever loads it in Python.
const attack =
  /^((os|posix|nt|subprocess|sys|pty|socket|shutil|runpy|importlib|ctypes|webbrowser|commands)(\.|$)|(__builtin__|builtins)\.(eval|exec|execfile|compile|open|apply|__import__)$)/;

// Torch makes tensors by functions of this kind; one that is not known here (quantised, sparse,
// nested, …) would leave a hole in the weights.
const tensorBuilder = /^torch\..*_rebuild_/;

const builders: ReadonlyMap<string, Builder> = new Map<string, Builder>([
  ['collections.OrderedDict', (args, context) => dictOf(args[0], context)],
  ['collections.defaultdict', () => new Map()],
  ['__builtin__.set', (args, context) => setOf(args[0], context)],
  ['builtins.set', (args, context) => setOf(args[0], context)],
  ['__builtin__.frozenset', (args, context) => setOf(args[0], context)],
  ['builtins.frozenset', (args, context) => setOf(args[0], context)],
  ['_codecs.encode', (args, context) => bytesOf(args[0], context)],
  ...torchBuilders,
  ...moduleBuilders,
]);

/** The error for what is not built. */
export const refusal = (context: PickleContext, name: string): Error =>
  context.fail(`refuses to build ${name}; only tensors and plain containers are read`);

/** What a pickle means by a name: the name itself, unless it is one that is refused. */
export function globalNamed(module: string, name: string, context: PickleContext): Opaque {
  const full = `${module}.${name}`;
  if (full.length > 1024) throw context.fail('a name in its pickle must be <= 1024 characters');
  if (/[\p{C}\s]/u.test(full)) throw context.fail(`${quote(full)} is no name of Python`);
  if (attack.test(full)) throw refusal(context, full);
  return { kind: 'opaque', name: full };
}

/** What a pickle means by a call: a tensor, a container, or the name alone. */
export function construct(
  callee: PickleValue,
  args: PickleValue,
  context: PickleContext,
): PickleValue {
  if (!isOpaque(callee)) throw context.fail(`its pickle calls ${describe(callee)}`);
  if (!Array.isArray(args)) throw context.fail(`its pickle calls ${callee.name} without arguments`);
  const builder = builders.get(callee.name);
  if (builder) return builder(args, context);
  if (tensorBuilder.test(callee.name)) throw refusal(context, callee.name);
  return callee;
}

/** Adds keys and values in turn to a dict; what is added to a name is dropped. */
export function addPairs(
  target: PickleValue,
  items: readonly PickleValue[],
  context: PickleContext,
): void {
  if (isOpaque(target)) return;
  if (!(target instanceof Map)) throw context.fail(`its pickle adds keys to ${describe(target)}`);
  if (items.length % 2) throw context.fail('its pickle adds a key without a value');
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (target.has(key)) throw context.fail(`a dict holds the key ${show(key)} twice`);
    target.set(key, items[i + 1]);
  }
}

function dictOf(pairs: PickleValue = [], context: PickleContext): PickleValue {
  const items = listOf(pairs, context).flatMap((pair) => listOf(pair, context));
  const dict = new Map<PickleValue, PickleValue>();
  addPairs(dict, items, context);
  return dict;
}

const setOf = (items: PickleValue = [], context: PickleContext): PickleValue =>
  new Set(listOf(items, context));

function listOf(value: PickleValue, context: PickleContext): PickleValue[] {
  if (!Array.isArray(value)) throw context.fail(`its pickle needs a list, got ${describe(value)}`);
  context.spend(value.length);
  return value;
}

function bytesOf(text: PickleValue | undefined, context: PickleContext): PickleValue {
  if (typeof text !== 'string') throw context.fail(`its pickle encodes ${describe(text)}`);
  context.spend(text.length);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
