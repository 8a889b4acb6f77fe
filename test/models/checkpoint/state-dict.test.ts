import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { chooseStateDict, stateDictsIn } from '../../../src/models/checkpoint/state-dict';
import { int, storage, tensor, text, torchZip } from './build';

/** The names that are read of flat names, the key of the set, and whether it is averaged. */
function read(names: readonly string[], weights?: string, key = '') {
  const tensors = new Map(names.map((name) => [name, name]));
  const chosen = chooseStateDict({ name: 'net.pt' }, stateDictsIn(key, tensors), weights);
  return { ...chosen, tensors: Object.fromEntries(chosen.tensors) };
}

describe('wrappers that all names share are taken off', () => {
  it.each([
    'module.',
    'model.',
    'net.',
    'module.model.',
    'model.diffusion_model.',
    'ema_model.',
    '_orig_mod.',
    '_fsdp_wrapped_module.',
    'ema.shadow.',
  ])('%s', (prefix) => {
    const { tensors } = read([`${prefix}out.0.weight`, `${prefix}out.0.bias`]);
    expect(Object.keys(tensors)).toEqual(['out.0.weight', 'out.0.bias']);
  });

  it('also inside the names, as FSDP writes them', () => {
    const names = [
      '_fsdp_wrapped_module.a._fsdp_wrapped_module.w',
      'a._checkpoint_wrapped_module.b',
    ];
    expect(Object.keys(read(names).tensors)).toEqual(['a.w', 'a.b']);
  });

  it('but not where names would become the same, nor a module that is no wrapper', () => {
    const same = ['a._orig_mod.w', 'a.w'];
    expect(Object.keys(read(same).tensors)).toEqual(same);
    const features = ['features.0.weight', 'features.0.bias'];
    expect(Object.keys(read(features).tensors)).toEqual(features);
  });

  it('with what a diffusion process or an average keeps beside the weights', () => {
    const beside = ['betas', 'sqrt_one_minus_alphas_cumprod', 'sqrt_recipm1_alphas_cumprod'];
    const { tensors } = read(['model.w.bias', ...beside, 'posterior_variance', 'n_averaged']);
    expect(Object.keys(tensors)).toEqual(['w.bias']);
  });
});

describe('averaged weights', () => {
  it('are preferred to raw ones beside them, and said', () => {
    const names = ['model.a.w', 'ema.a.w', 'ema.decay'];
    expect(read(names)).toEqual({ key: 'ema', averaged: true, tensors: { 'a.w': 'ema.a.w' } });
    const raw = { key: '', averaged: false, tensors: { 'a.w': 'model.a.w' } };
    expect(read(names, 'raw')).toEqual(raw);
    expect(read(names, 'ema').key).toBe('ema');
  });

  it('may lie beside the raw weights under a key of averages', () => {
    const names = ['online_model.a.w', 'ema_model.a.w', 'initted', 'step'];
    expect(read(names, undefined, 'ema')).toEqual({
      key: 'ema.ema_model',
      averaged: true,
      tensors: { 'a.w': 'ema_model.a.w' },
    });
    expect(read(names, 'raw', 'ema').tensors).toEqual({ 'a.w': 'online_model.a.w' });
  });

  it('may have lost the dots of their names, as in latent-diffusion', () => {
    const names = [
      'model.diffusion_model.out.0.weight',
      'model.diffusion_model.input_blocks.10.0.bias',
      'model_ema.decay',
      'model_ema.diffusion_modelout0weight',
      'model_ema.diffusion_modelinput_blocks100bias',
    ];
    expect(read(names).tensors).toEqual({
      'out.0.weight': names[3],
      'input_blocks.10.0.bias': names[4],
    });
  });
});

/** A file of torch.save with one tensor `w` under each path of keys, at its own offset. */
const nested = (...paths: readonly (readonly string[])[]) => {
  const dictOf = (all: readonly (readonly [readonly string[], number])[]): string => {
    const keys = [...new Set(all.map(([path]) => path[0]!))];
    const entries = keys.map((key) => {
      const below = all.filter(([path]) => path[0] === key);
      const [path, offset] = below[0]!;
      const value =
        path.length === 1
          ? tensor({ shape: `${int(1)}\x85`, offset: int(offset) })
          : dictOf(below.map(([[, ...rest], at]) => [rest, at] as const));
      return `${text(key)}${value}s`;
    });
    return `}${entries.join('')}`;
  };
  return torchZip(`\x80\x02${dictOf(paths.map((path, at) => [path, at] as const))}.`, storage);
};

async function taken(file: Uint8Array, weights?: string) {
  const { tensors, weights: which } = await readCheckpoint(file, { name: 'net.pt', weights });
  return { ...which, w: (await tensors.get('w')?.read())?.[0] };
}

describe('weights of a training checkpoint', () => {
  it.each([
    ['model', 'ema'],
    ['params', 'params_ema'],
    ['state_dict', 'ema_state_dict'],
    ['state_dict', 'state_dict_ema'],
    ['net', 'net_ema'],
    ['model', 'ema_0.9999'],
  ])('are the averaged ones of { %s, %s }, unless told otherwise', async (raw, ema) => {
    const file = nested([raw, 'w'], [ema, 'module.w'], ['optimizer', 'w']);
    expect(await taken(file)).toEqual({ key: ema, averaged: true, others: true, w: 2 });
    expect(await taken(file, 'raw')).toEqual({ key: raw, averaged: false, others: true, w: 1 });
    expect(await taken(file, raw)).toMatchObject({ key: raw, w: 1 });
  });

  it('may lie deeper, and under a key of one’s own', async () => {
    expect(await taken(nested(['ema', 'shadow', 'w']))).toMatchObject({ key: 'ema.shadow', w: 1 });
    expect(await taken(nested(['mine', 'w']))).toMatchObject({ key: 'mine', averaged: false });
    const two = nested(['critic', 'w'], ['generator', 'w']);
    expect(await taken(two, 'generator')).toMatchObject({ key: 'generator', w: 2 });
    await expect(taken(two)).rejects.toThrow(
      'net.pt: holds several sets of weights: "critic", "generator"; name one by weights',
    );
  });

  it('are refused where the file has none of that kind, with what it has', async () => {
    await expect(taken(nested(['params', 'w']), 'ema')).rejects.toThrow(
      'net.pt: holds no weights "ema", but "params"',
    );
    await expect(taken(nested(['params_ema', 'w']), 'raw')).rejects.toThrow(
      'net.pt: holds no weights "raw", but "params_ema" (averaged)',
    );
    await expect(taken(nested(['w']), 'toString')).rejects.toThrow('holds no weights "toString"');
  });

  it('are chosen alike in a safetensors file', async () => {
    const one = { shape: [1], data: new Float32Array([1]) };
    const two = { shape: [1], data: new Float32Array([2]) };
    const file = writeSafetensors({ 'model.w': one, 'model_ema.w': two });
    expect(await taken(file)).toEqual({ key: 'model_ema', averaged: true, others: true, w: 2 });
    expect(await taken(file, 'raw')).toMatchObject({ averaged: false, w: 1 });
  });
});
