import { fileError } from '../../internal/file-error';
import { quote } from '../../internal/plain-text';

/** A set of weights in a file: its tensors by the names that the network gives them. */
export interface StateDict<T> {
  /** Where it lies in the file, such as `params_ema` or `state_dict.ema`; empty for the file itself. */
  readonly key: string;
  /** Whether these are running averages of the weights of a training. */
  readonly averaged: boolean;
  readonly tensors: ReadonlyMap<string, T>;
}

/** Which weights of a file to read: the raw ones, the averaged ones, or those under a key. */
export type WeightsChoice = 'raw' | 'ema' | (string & {});

// Where training scripts put weights, in the order in which they are tried.
const usualKeys = [
  ...['state_dict', 'model', 'model_state_dict', 'ema', 'ema_model', 'model_ema', 'ema_state_dict'],
  ...['params_ema', 'params', 'net_ema', 'net', 'network', 'unet', 'module'],
];
const wrappers = new Set([
  ...['module', 'model', 'net', 'network', 'unet', 'diffusion_model', 'denoise_fn', 'denoiser'],
  ...['score_model', 'online_model'],
]);
const averaging = /^(ema|average[ds]?|swa|shadow)$/i;
const deepestWrapper = 8;

// FSDP, activation checkpointing and torch.compile wrap modules at any depth.
const inner = /\b(_fsdp_wrapped_module|_checkpoint_wrapped_module|_orig_mod)\./g;
// What wrappers and diffusion processes store beside the weights of the network.
const beside =
  /^(n_averaged|num_updates|decay|initted|step|logvar|betas|(p2_)?loss_weight|lvlb_weights|(sqrt_|log_)?(recip(m1)?_|one_minus_)?alphas_cumprod(_prev)?|posterior_\w+)$/;

// Words, not a pattern over the whole name: names from a file may be long.
const saysAveraged = (text: string): boolean =>
  text.split(/[._-]/).some((word) => averaging.test(word));

/** The first module of a name; empty for a name without dots. */
const moduleOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));

const isWrapper = (module: string): boolean => wrappers.has(module) || saysAveraged(module);

/** Takes off what wrappers put before all names. */
function unwrapped<T>(tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const isWeight = ([name]: readonly string[]) => !beside.test(name!);
  let names = [...tensors.keys()].map((name) => [name.replace(inner, ''), name] as const);
  for (let depth = 0; depth < deepestWrapper; depth++) {
    if (names.some(isWeight)) names = names.filter(isWeight);
    const module = moduleOf(names[0]?.[0] ?? '');
    const prefix = `${module}.`;
    if (!isWrapper(module) || !names.every(([name]) => name.startsWith(prefix))) break;
    names = names.map(([name, full]) => [name.slice(prefix.length), full] as const);
  }
  const plain = new Map(names.map(([name, full]) => [name, tensors.get(full)!]));
  return plain.size === names.length ? plain : tensors;
}

/** Names that lost their dots, as in the averages of latent-diffusion, by those that have them. */
function withDots<T>(averaged: ReadonlyMap<string, T>, raw: readonly string[]) {
  if ([...averaged.keys()].some((name) => name.includes('.'))) return averaged;
  const dotted = new Map<string, T>();
  for (const name of raw) {
    let rest = name;
    for (let depth = 0; depth < 3; depth++) {
      const tensor = averaged.get(rest.replaceAll('.', ''));
      if (tensor !== undefined) dotted.set(rest, tensor);
      rest = rest.slice(moduleOf(rest).length + 1);
    }
  }
  return dotted.size > 0 ? unwrapped(dotted) : averaged;
}

/** The sets of weights in one dict: raw and averaged ones may lie in it side by side. */
export function stateDictsIn<T>(key: string, tensors: ReadonlyMap<string, T>): StateDict<T>[] {
  const entries = [...tensors];
  const averaged = entries.filter(([name]) => saysAveraged(moduleOf(name)));
  const raw = entries.filter(([name]) => !saysAveraged(moduleOf(name)));
  const rest = { key, averaged: saysAveraged(key), tensors: unwrapped(new Map(raw)) };
  if (averaged.length === 0) return raw.length > 0 ? [rest] : [];
  const module = moduleOf(averaged[0]![0]);
  const set = {
    key: key === '' ? module : `${key}.${module}`,
    averaged: true,
    tensors: withDots(
      unwrapped(new Map(averaged)),
      raw.map(([name]) => name),
    ),
  };
  const hasRaw = raw.some(([name]) => !beside.test(name));
  return hasRaw ? [{ ...rest, averaged: false }, set] : [set];
}

/** Lower is tried first: a usual key, the file itself, any other key. */
function rank({ key }: { readonly key: string }): number {
  const at = usualKeys.indexOf(key.split('.', 1)[0]!);
  if (at >= 0) return at;
  return key === '' ? usualKeys.length : usualKeys.length + 1;
}

const where = (key: string): string => (key === '' ? 'those of the file itself' : quote(key));

const listed = (dicts: readonly StateDict<unknown>[]): string =>
  dicts
    .slice(0, 6)
    .map(({ key, averaged }) => `${where(key)}${averaged ? ' (averaged)' : ''}`)
    .join(', ');

/**
 * The weights to read: those that `weights` names; without it the averaged ones, where a file holds
 * any. Throws an Error that lists the keys where there are none of that kind, or several alike.
 */
export function chooseStateDict<D extends StateDict<unknown>>(
  file: { readonly name: string },
  dicts: readonly D[],
  weights?: WeightsChoice,
): D {
  const named = dicts.filter(({ key }) => key === weights || key.endsWith(`.${weights}`));
  const ofKind = (averaged: boolean) => dicts.filter((dict) => dict.averaged === averaged);
  const kinds: Readonly<Record<string, readonly D[]>> = { ema: ofKind(true), raw: ofKind(false) };
  const preferred = ofKind(true).length > 0 ? ofKind(true) : dicts;
  const chosen = Object.hasOwn(kinds, weights ?? '') ? kinds[weights!]! : named;
  const fitting = weights === undefined ? preferred : chosen;
  const best = Math.min(...fitting.map(rank));
  const first = fitting.filter((dict) => rank(dict) === best);
  if (first.length === 1) return first[0]!;
  if (first.length > 1) {
    throw fileError(file, `holds several sets of weights: ${listed(first)}; name one by weights`);
  }
  throw fileError(file, `holds no weights ${quote(weights ?? '')}, but ${listed(dicts)}`);
}
