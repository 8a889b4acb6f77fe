import { describe, expect, it } from 'vitest';
import { byteSource } from '../../../src/models/checkpoint/byte-source';
import { dtypes } from '../../../src/models/checkpoint/numbers';
import type { PickledTensor } from '../../../src/models/checkpoint/pickle-values';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { torchCheckpoint } from '../../../src/models/checkpoint/torch-checkpoint';
import { dict, fixture, int, latin1, refusal, safetensors, tensor, text, torchZip } from './build';

/** A pickle of many tensors that view the storage `0` of `numel` numbers. */
const views = (count: number, numel: number, shape: number) => {
  const one = tensor({ numel: int(numel), shape: `${int(shape)}\x85` });
  const entries = Array.from({ length: count }, (_, i) => `${text(`w${i}`)}${one}s`);
  return `\x80\x02}${entries.join('')}.`;
};

describe('the work of a file is bounded by what its tensors need', () => {
  it('a deflated storage is inflated once however many tensors view it', async () => {
    const numel = 2 ** 20;
    const bytes = torchZip(views(40, numel, 1000), new Uint8Array(4 * numel), { deflate: true });
    const source = byteSource(bytes);
    let taken = 0;
    const counting = {
      ...source,
      read: (offset: number, length: number) => {
        taken += length;
        return source.read(offset, length);
      },
    };
    const { tensors } = await readCheckpoint(counting);
    const before = taken;
    for (const each of tensors.values()) expect(await each.read()).toHaveLength(1000);
    expect(tensors.size).toBe(40);
    expect(taken - before).toBeLessThan(1.5 * bytes.length);
  });

  it('a large deflated storage is not inflated for the few numbers that are viewed', () => {
    const storage = { kind: 'storage', key: '0', dtype: dtypes.get('float32')!, start: 0 } as const;
    const open = (numel: number, shape: readonly number[], isDeflated: boolean) => {
      const view = { kind: 'tensor', offset: 0, shape, strides: [1] } as const;
      const w: PickledTensor = { ...view, storage: { ...storage, length: numel } };
      const read = async () => new Uint8Array();
      const storages = { size: () => 4 * numel, read, isDeflated: () => isDeflated };
      const file = { format: 'pytorch-zip', root: new Map([['w', w]]), storages } as const;
      return () => torchCheckpoint({ name: 'net.pt' }, file);
    };
    const numel = 2 ** 26;
    expect(open(numel, [2], true)).toThrow(
      'net.pt: refuses to inflate storage "0" of 67108864 numbers, of which its tensors view 2',
    );
    expect(open(numel, [2], false)).not.toThrow();
    expect(open(numel, [numel / 4], true)).not.toThrow();
  });

  it('few numbers are not repeated to many, in one tensor or in all', async () => {
    const huge = { shape: `${int(2 ** 30)}\x85`, strides: `${int(0)}\x85` };
    expect(await refusal(torchZip(dict(tensor(huge)), new Uint8Array(8)))).toBe(
      'model.pt: its tensors repeat 2 numbers to 1073741824',
    );
    const some = tensor({ shape: `${int(2 ** 20)}\x85`, strides: `${int(0)}\x85` });
    const entries = Array.from({ length: 17 }, (_, i) => `${text(`w${i}`)}${some}s`).join('');
    expect(await refusal(torchZip(`\x80\x02}${entries}.`, new Uint8Array(8)))).toBe(
      'model.pt: its tensors repeat 2 numbers to 17825792',
    );
  });

  it('dicts that hold each other are looked through once', async () => {
    // Each dict holds the one below under 200 keys: 200^3 paths lead to the tensor.
    const wide = (memo: number, inner: string) =>
      `${inner}q${String.fromCharCode(memo)}0}${Array.from({ length: 200 }, (_, i) => `${text(`k${i}`)}h${String.fromCharCode(memo)}s`).join('')}`;
    const leaf = `}${text('w')}${tensor()}s`;
    const pickle = `\x80\x02${wide(3, wide(2, wide(1, leaf)))}.`;
    const { weights } = await readCheckpoint(torchZip(pickle, new Uint8Array(8)));
    expect(weights.key).toBe('k0.k0.k0');
  });
});

describe('a pickle of modules', () => {
  const module = 'ctorch.nn.modules.container\nModuleDict\n)\x81';
  const call = (bytes: string) =>
    `ctorch.storage\n_load_from_bytes\nB${int(bytes.length).slice(1)}${bytes}\x85R`;

  it('that hold themselves is looked through once', async () => {
    const inner = ['a', 'b', 'c'].map((key) => `${text(key)}h\x01s`).join('');
    const state = `}${text('_modules')}}${inner}s${text('_parameters')}}${text('w')}${tensor()}ss`;
    const pickle = `\x80\x02}${text('ema')}${module}q\x01${state}bs.`;
    const { weights, tensors } = await readCheckpoint(torchZip(pickle, new Uint8Array(8)));
    expect(weights.key).toBe('ema');
    expect([...tensors.keys()]).toEqual(['w']);
  });

  it('has storages inside that are files of torch.save, and no pickles within them', async () => {
    const whole = (bytes: string) => latin1(`\x80\x02}${text('w')}${call(bytes)}s.`);
    const none = '\x80\x02N.';
    const files = [
      whole('nothing'),
      whole(none.repeat(5)),
      whole(`${none.repeat(3)}\x80\x02${call(none)}.${none}`),
      torchZip(`\x80\x02}${text('w')}${call(none)}s.`),
      latin1('\x80\x02ctorch_utils.persistence\n_reconstruct_persistent_obj\n}\x85R.'),
    ];
    const messages = [];
    for (const file of files) messages.push(await refusal(file));
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "model.pt: its pickle holds the opcode 110, which torch never writes
      model.pt: a storage in its pickle is no file of torch.save
      model.pt: a storage in its pickle is no file of torch.save
      model.pt: refuses to build torch.storage._load_from_bytes; it is no plain pickle
      model.pt: a persistent object needs a dict with class_name and state"
    `);
  });
});

describe('a header of safetensors', () => {
  it('has at most 64 levels, and a dtype that is text', async () => {
    const entry = (dtype: unknown) => ({ w: { dtype, shape: [0], data_offsets: [0, 0] } });
    const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(await refusal(safetensors(entry(deep(63))))).toBe(
      'model.pt: the header must be at most 64 levels deep',
    );
    expect(await refusal(safetensors(entry(deep(62))))).toBe(
      'model.pt: tensor "w": dtype must be text',
    );
    const object = { toString: null, valueOf: 1 };
    expect(await refusal(safetensors(entry(object)))).toBe(
      'model.pt: tensor "w": dtype must be text',
    );
    expect(await refusal(safetensors(`{"w":${'['.repeat(200_000)}`))).toBe(
      'model.pt: the header must be at most 64 levels deep',
    );
  });

  it('has at most 10 MB', async () => {
    const long = safetensors(`{${' '.repeat(10_000_000)}}`);
    expect(await refusal(long)).toBe(
      'model.pt: header length must be <= 10000000 bytes, got 10000002',
    );
  });
});

describe('a message about a file', () => {
  const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

  it('is one line of at most 300 characters without control characters', async () => {
    const name = `${'\x1b[2J\x1b]0;pwn\x07\u202e'.repeat(20)}${'A'.repeat(5000)}`;
    const files = [
      safetensors({ [name]: { dtype: name, shape: [1], data_offsets: [0, 4] } }),
      torchZip(`\x80\x02}${text(name.replace('\u202e', ''))}Ns.`),
      torchZip(`\x80\x02c${'a'.repeat(900)}\n\x1b[2J\n.`),
    ];
    for (const file of files) {
      const message = await refusal(file, `${name}.pt`);
      expect(message.length).toBeLessThanOrEqual(300);
      expect(message).not.toMatch(control);
    }
  });

  it('names the end of a long path', async () => {
    const path = `${'/folder'.repeat(100)}/net.pt`;
    expect(await refusal(fixture('complex.pt'), path)).toMatch(
      /^….{100,119}net\.pt: holds torch\.Complex/,
    );
  });
});
