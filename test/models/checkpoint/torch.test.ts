import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { dict, int, legacy, storage, tensor, text, torchZip } from './build';

const read = async (bytes: Uint8Array) => {
  const { tensors } = await readCheckpoint(bytes);
  return Promise.all([...tensors].map(async ([name, each]) => [name, [...(await each.read())]]));
};
describe('a file of torch.save', () => {
  it('may be deflated', async () => {
    const bytes = torchZip(dict(tensor()), storage, { deflate: true });
    expect(await read(bytes)).toEqual([['w', [1, 2]]]);
  });

  it('may hold its state dict under a usual key, and a prefix that all names share', async () => {
    const inner = `}${text('module._orig_mod.w')}${tensor()}s`;
    const bytes = torchZip(
      `\x80\x02}${text('epoch')}${int(3)}s${text('model')}${inner}s.`,
      storage,
    );
    expect(await read(bytes)).toEqual([['w', [1, 2]]]);
  });

  it('keeps a prefix that not all names share', async () => {
    const pickle = `\x80\x02}${text('module.w')}${tensor()}s${text('v')}${tensor()}s.`;
    const names = (await read(torchZip(pickle, storage))).map(([name]) => name);
    expect(names).toEqual(['module.w', 'v']);
  });

  it('may have __proto__ for a name', async () => {
    const pickle = `\x80\x02}${text('__proto__')}${tensor()}s.`;
    expect(await read(torchZip(pickle, storage))).toEqual([['__proto__', [1, 2]]]);
    expect(({} as Record<string, unknown>).kind).toBeUndefined();
  });

  it('may be the work of Python 2: short strings, an OrderedDict of pairs, a view of a storage', async () => {
    const id = `(U\x07storagectorch.cuda\nFloatStorage\nU\x010U\x06cuda:0${int(2)}(U\x04view${int(1)}${int(1)}ttQ`;
    const one = `ctorch._utils\n_rebuild_tensor\n(${id}${int(0)}${int(1)}\x85${int(1)}\x85tR`;
    const pickle = `\x80\x02ccollections\nOrderedDict\n]]U\x01wa${one}aa\x85R.`;
    expect(await read(legacy(pickle, ']U\x010a.'))).toEqual([['w', [2]]]);
  });

  it('may hold an object pickle longer than the first window that is read', async () => {
    const pickle = `\x80\x02}${text('pad')}${text('x'.repeat(300_000))}s${text('w')}${tensor()}s.`;
    expect(await read(legacy(pickle))).toEqual([['w', [1, 2]]]);
  });
});
