import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { byteSource } from '../../../src/models/checkpoint/byte-source';
import type { Checkpoint } from '../../../src/models/checkpoint/checkpoint';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';
import { shared } from '../../support/references';
import { fixture } from './build';

interface Expected {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | string | boolean)[];
}

const expected: Record<string, Expected> = JSON.parse(
  new TextDecoder().decode(fixture('values.json')),
);

const number = (value: number | string | boolean): number =>
  value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);

async function contents({ tensors }: Checkpoint): Promise<Record<string, Expected>> {
  const all = [...tensors.values()].map(async ({ name, dtype, shape, read }) => {
    const values = Array.from(await read());
    return [name, { dtype, shape: [...shape], values }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

const numbers = Object.fromEntries(
  Object.entries(expected).map(([name, entry]) => [
    name,
    { ...entry, values: entry.values.map(number) },
  ]),
);

describe('readCheckpoint', () => {
  it.each([
    ['training.pt', 'pytorch-zip'],
    ['training-protocol-4.pt', 'pytorch-zip'],
    ['training-legacy.pt', 'pytorch-legacy'],
    ['weights.safetensors', 'safetensors'],
  ])(
    'reads every type of number and every kind of view of %s as PyTorch does',
    async (file, format) => {
      const checkpoint = await readCheckpoint(fixture(file));
      expect(checkpoint.format).toBe(format);
      expect(await contents(checkpoint)).toEqual(numbers);
    },
  );

  it('reads a Blob that stays on disk, bytes in memory and a source of one’s own alike', async () => {
    const bytes = fixture('small.pt');
    const path = fileURLToPath(new URL('../../fixtures/checkpoint/small.pt', import.meta.url));
    const own = { name: 'own.pt', size: bytes.length, read: byteSource(bytes).read };
    const inputs = [await openAsBlob(path), bytes, bytes.buffer as ArrayBuffer, own];
    for (const input of inputs) {
      const { tensors } = await readCheckpoint(input);
      expect([...tensors.keys()]).toEqual(['w', 'b']);
      expect(await tensors.get('w')?.read()).toEqual(new Float32Array([1, 2, 3]));
    }
  });

  it.each(['training.pt', 'training-legacy.pt'])(
    'reads of a storage of %s only what the tensor spans',
    async (file) => {
      const bytes = fixture(file);
      const source = byteSource(bytes);
      let most = 0;
      const counting = {
        ...source,
        read: (offset: number, length: number) => {
          most = Math.max(most, length);
          return source.read(offset, length);
        },
      };
      const { tensors } = await readCheckpoint(counting);
      most = 0;
      await tensors.get('strided')?.read();
      expect(most).toBe(4 * 17); // rows 1 to 3 of 6 columns, from column 1 to column 5
    },
  );

  it('gives numbers that are the caller’s own', async () => {
    const bytes = fixture('small.pt');
    const { tensors } = await readCheckpoint(bytes);
    (await tensors.get('w')!.read()).fill(9);
    expect(await tensors.get('w')!.read()).toEqual(new Float32Array([1, 2, 3]));
  });

  it('keeps the metadata of a safetensors file', async () => {
    const { metadata } = await readCheckpoint(fixture('weights.safetensors'));
    expect(metadata).toEqual({ 'made by': 'make.py' });
  });

  it.skipIf(!shared.present)(
    `reads the U-Net of the reference alike, bit for bit, from PyTorch and safetensors, ${shared.title}`,
    async () => {
      const pytorch = await readCheckpoint(shared.bytes('unet.pt'));
      const plain = await readCheckpoint(shared.bytes('unet.safetensors'));
      expect(pytorch.tensors.size).toBeGreaterThan(100);
      expect(new Set(pytorch.tensors.keys())).toEqual(new Set(plain.tensors.keys()));
      for (const [name, tensor] of pytorch.tensors) {
        const other = plain.tensors.get(name)!;
        expect(tensor.shape).toEqual(other.shape);
        const [one, two] = [await tensor.read(), await other.read()];
        expect(Buffer.from(one.buffer).equals(Buffer.from(two.buffer)), name).toBe(true);
      }
    },
  );
});
