import { describe, expect, it } from 'vitest';
import { byteSource } from '../../../src/models/checkpoint/byte-source';
import { readSafetensors, writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { concat, latin1, refusal, safetensors, u64 } from './build';

const entry = (begin: number, end: number, rest: object = {}) => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...rest,
});

describe('readSafetensors refuses', () => {
  it('a header that is longer than the limit', async () => {
    expect(await refusal(concat(u64(2n ** 62n), latin1('{}')))).toMatchInlineSnapshot(
      `"model.pt: header length must be <= 10000000 bytes, got 4611686018427388000"`,
    );
  });

  it('a header that is longer than the file', async () => {
    expect(await refusal(concat(u64(1000n), latin1('{}')))).toMatchInlineSnapshot(
      `"model.pt: is cut short: 1000 bytes from 8 on, of 10"`,
    );
  });

  it('a header that is not JSON', async () => {
    expect(await refusal(safetensors('{"w": '))).toMatchInlineSnapshot(
      `"model.pt: the header is not JSON"`,
    );
  });

  it('a header that goes a million lists deep', async () => {
    const deep = `{"w":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    expect(await refusal(safetensors(deep))).toMatchInlineSnapshot(
      `"model.pt: the header must be at most 64 levels deep"`,
    );
  });

  it('an entry that is no object', async () => {
    expect(await refusal(safetensors({ w: 3 }))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": its header entry must be a JSON object"`,
    );
  });

  it('a type of number that is not read', async () => {
    const header = { w: entry(0, 1, { dtype: 'F8_E4M3', shape: [1] }) };
    expect(await refusal(safetensors(header, [0]))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": dtype "F8_E4M3" is not read; save it as F32"`,
    );
  });

  it('a shape with a negative, fractional or huge size', async () => {
    const messages = await Promise.all(
      [[-1], [0.5], [2 ** 60], '3', [null]].map((shape) =>
        refusal(safetensors({ w: entry(0, 4, { shape }) }, [0, 0, 0, 0])),
      ),
    );
    expect([...new Set(messages)]).toMatchInlineSnapshot(`
      [
        "model.pt: tensor "w": shape must be a list of integers >= 0",
      ]
    `);
  });

  it('a shape whose product overflows', async () => {
    const header = { w: entry(0, 4, { shape: [2 ** 52, 2 ** 52] }) };
    expect(await refusal(safetensors(header, [0, 0, 0, 0]))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": data_offsets must span 8.112963841460668e+31 bytes, got 0 to 4"`,
    );
  });

  it('offsets that are not two integers', async () => {
    const messages = await Promise.all(
      [[0], [0, 4, 8], [-4, 0], { 0: 0, 1: 4 }].map((data_offsets) =>
        refusal(safetensors({ w: entry(0, 4, { data_offsets }) }, [0, 0, 0, 0])),
      ),
    );
    expect([...new Set(messages)]).toMatchInlineSnapshot(`
      [
        "model.pt: tensor "w": data_offsets must be two integers >= 0",
      ]
    `);
  });

  it('offsets in the wrong order', async () => {
    const header = { w: entry(0, 4, { data_offsets: [4, 0] }) };
    expect(await refusal(safetensors(header, [0, 0, 0, 0]))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": data_offsets must span 4 bytes, got 4 to 0"`,
    );
  });

  it('tensors that overlap', async () => {
    const header = { a: entry(0, 8), b: entry(4, 12) };
    expect(await refusal(safetensors(header, new Uint8Array(12)))).toMatchInlineSnapshot(
      `"model.pt: tensor "b" overlaps another tensor"`,
    );
  });

  it('bytes that belong to no tensor', async () => {
    const header = { a: entry(0, 4), b: entry(8, 12) };
    expect(await refusal(safetensors(header, new Uint8Array(12)))).toMatchInlineSnapshot(
      `"model.pt: bytes 4 to 8 belong to no tensor"`,
    );
    expect(
      await refusal(safetensors({ a: entry(0, 4) }, new Uint8Array(12))),
    ).toMatchInlineSnapshot(`"model.pt: bytes 4 to 12 belong to no tensor"`);
  });

  it('a name that appears twice', async () => {
    const one = JSON.stringify(entry(0, 4));
    const two = JSON.stringify(entry(4, 8));
    const header = `{"w":${one},"w":${two}}`;
    expect(await refusal(safetensors(header, new Uint8Array(8)))).toMatchInlineSnapshot(
      `"model.pt: bytes 0 to 4 belong to no tensor"`,
    );
  });

  it('a file shorter than its tensors', async () => {
    const header = { w: entry(0, 8) };
    expect(await refusal(safetensors(header, new Uint8Array(4)))).toMatchInlineSnapshot(
      `"model.pt: is cut short: its tensors need 8 bytes, it has 4"`,
    );
  });

  it('metadata that is not text', async () => {
    const header = { __metadata__: { a: 1 }, w: entry(0, 4) };
    expect(await refusal(safetensors(header, new Uint8Array(4)))).toMatchInlineSnapshot(
      `"model.pt: __metadata__ must be a JSON object of strings"`,
    );
  });

  it('a file without tensors', async () => {
    expect(await refusal(safetensors({}))).toMatchInlineSnapshot(`"model.pt: holds no tensors"`);
  });
});

describe('readSafetensors', () => {
  it('takes __proto__ for a name like any other', async () => {
    const header = `{"__proto__":${JSON.stringify(entry(0, 4))},"__metadata__":{"__proto__":"x"}}`;
    const bytes = safetensors(header, new Uint8Array(4));
    const { tensors } = await readSafetensors(byteSource(bytes));
    expect([...tensors.keys()]).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('reads back what writeSafetensors wrote, numbers aligned to 8 bytes', async () => {
    const a = { shape: [2, 1], data: new Float32Array([1, -0]) };
    const b = { shape: [], data: new Float32Array([0, 1, 2, 3]).subarray(2, 3) };
    const bytes = writeSafetensors(
      { b, a, none: { shape: [0], data: new Float32Array() } },
      { k: 'v' },
    );
    const { tensors, metadata } = await readSafetensors(byteSource(bytes));
    expect(metadata).toEqual({ k: 'v' });
    expect([...tensors.keys()]).toEqual(['b', 'a', 'none']);
    expect(await tensors.get('a')?.read()).toEqual(a.data);
    expect(await tensors.get('b')?.read()).toEqual(new Float32Array([2]));
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
  });

  it('is written only where shape and numbers fit', () => {
    const write = () => writeSafetensors({ w: { shape: [3], data: new Float32Array(2) } });
    expect(write).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: writeSafetensors: w must hold 3 numbers, got 2]`,
    );
  });
});
