import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LinearizedNetwork } from '../../../models/network';
import type { Handle } from './binding';
import { type Trace, type TraceOptions, traced } from './trace';
import type { FusedFunction, TracedNode } from './traced-node';

/** A forward and a backward pass as one graph. */
export interface RecordedGraph {
  readonly nodes: readonly TracedNode[];
  readonly functions: readonly FusedFunction[];
  /** Names of the inputs of the forward pass, in order. */
  readonly inputs: readonly string[];
  /** Those that the backward pass takes as well. */
  readonly inputsAgain: readonly string[];
  readonly cotangent: string;
  readonly output: string;
  readonly gradient: string;
  /** Values of the forward pass that the backward pass takes. */
  readonly kept: readonly string[];
  /** Weights that go into each pass, by name. */
  readonly weights: ReadonlyMap<string, Handle>;
}

const nodeOf = (input: string): string => input.replace(/^\^|:\d+$/g, '');

/** The nodes among `all` that depend on one of `first`, themselves included. */
function dependents(all: readonly TracedNode[], first: readonly string[]): Set<string> {
  const found = new Set(first);
  for (const { name, inputs } of all)
    if (inputs.some((input) => found.has(nodeOf(input)))) found.add(name);
  return found;
}

/** Operations that make maps at some cost. */
const heavy: ReadonlySet<string> = new Set(['Conv2D', 'Conv2DBackpropInput', 'PartitionedCall']);

/**
 * Nodes of a backward pass that do not depend on the cotangent, which recompute what the forward pass
 * did not keep, would all run at once, and hold all of their results; so would those beside one another.
 * Each waits for the node that was recorded before it.
 */
function inOrder(
  backward: readonly TracedNode[],
  onInputs: ReadonlySet<string>,
  onCotangent: ReadonlySet<string>,
): TracedNode[] {
  let last: string | undefined;
  return backward.map((node) => {
    const isOn = onCotangent.has(node.name);
    const waits = isOn
      ? heavy.has(node.op)
      : node.inputs.some((input) => onInputs.has(nodeOf(input)));
    const inputs = waits && last ? [...node.inputs, `^${last}`] : node.inputs;
    if (isOn) last = node.name;
    return { ...node, inputs };
  });
}

/** Records both passes, of which nothing is computed. */
export function recordGraph(
  inputs: readonly Tensor[],
  linearize: () => LinearizedNetwork<Tensor>,
  options: TraceOptions,
): RecordedGraph {
  const record = (trace: Trace): RecordedGraph => {
    const names = inputs.map((_, i) => `input${i}`);
    for (const [i, name] of names.entries()) trace.input(name, inputs[i]!);
    const { output, backward } = linearize();
    const forwardCount = trace.nodes.length;
    trace.beginBackward();
    const cotangent = tf.zerosLike(output);
    trace.input('cotangent', cotangent);
    const gradient = trace.nameOf(backward(cotangent));
    const [forward, rest] = [trace.nodes.slice(0, forwardCount), trace.nodes.slice(forwardCount)];
    const onInputs = dependents(trace.nodes, names);
    const onCotangent = dependents(rest, ['cotangent']);
    const own = new Set(forward.map(({ name }) => name).filter((name) => !names.includes(name)));
    const crossing = rest.flatMap((node) => node.inputs);
    const isKept = (value: string) => own.has(nodeOf(value)) && onInputs.has(nodeOf(value));
    return {
      nodes: [...forward, ...inOrder(rest, onInputs, onCotangent)],
      functions: [...trace.functions],
      inputs: names,
      inputsAgain: names.filter((name) => crossing.includes(`${name}:0`)),
      cotangent: 'cotangent',
      output: trace.nameOf(output),
      gradient,
      kept: [...new Set(crossing.filter(isKept))],
      weights: trace.taken,
    };
  };
  return traced((trace) => {
    let graph: RecordedGraph | undefined;
    tf.tidy(() => {
      graph = record(trace);
    });
    return graph!;
  }, options);
}
