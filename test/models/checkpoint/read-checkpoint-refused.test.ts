import { describe, expect, it } from 'vitest';
import { concat, latin1, refusal } from './build';

describe('a file that is no checkpoint is called what it is', () => {
  it('when it is empty', async () => {
    expect(await refusal(new Uint8Array())).toMatchInlineSnapshot(`"model.pt: is empty"`);
  });

  it('when it is a pointer of Git LFS', async () => {
    const pointer = latin1('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n');
    expect(await refusal(pointer)).toMatchInlineSnapshot(
      `"model.pt: is a pointer of Git LFS, not the file itself; fetch it with git lfs pull"`,
    );
  });

  it('when it is a web page', async () => {
    expect(await refusal(latin1('\n<!DOCTYPE html><html></html>'))).toMatchInlineSnapshot(
      `"model.pt: is an HTML page, not a checkpoint; the download went to a web page"`,
    );
  });

  it('when it is text', async () => {
    expect(await refusal(latin1('{"model": "json"}'))).toMatchInlineSnapshot(
      `"model.pt: is a text file, not a checkpoint"`,
    );
  });

  it('when it is a tar archive of an ancient PyTorch', async () => {
    const tar = concat(
      latin1('sys_info'),
      new Uint8Array(249),
      latin1('ustar\0'),
      new Uint8Array(249),
    );
    expect(await refusal(tar)).toMatchInlineSnapshot(
      `"model.pt: is a tar archive of torch.save before PyTorch 0.1.10; load it in PyTorch and save it again"`,
    );
  });

  it('when it is compressed', async () => {
    expect(await refusal(latin1('\x1f\x8b\x08\x00'))).toMatchInlineSnapshot(
      `"model.pt: is compressed with gzip; unpack it first"`,
    );
  });

  it('when it is a pickle of another program', async () => {
    expect(
      await refusal(latin1('\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00}\x94.....')),
    ).toMatchInlineSnapshot(`"model.pt: holds no dict of tensors; its keys are none"`);
  });

  it('when it is nothing known', async () => {
    expect(await refusal(new Uint8Array([0, 1, 2, 3]))).toMatchInlineSnapshot(
      `"model.pt: is neither a PyTorch nor a safetensors file"`,
    );
  });

  it('and is named after the File where no name is given', async () => {
    const file = new File([], 'weights.pth');
    expect(await refusal(file, undefined)).toBe('model.pt: is empty');
    const { readCheckpoint } = await import('../../../src/models/checkpoint/read-checkpoint');
    await expect(readCheckpoint(file)).rejects.toThrow('weights.pth: is empty');
  });

  it('and an input of another kind is a TypeError', async () => {
    expect(await refusal('model.pt' as never)).toMatchInlineSnapshot(
      `"byteSource: input must be a Blob, an ArrayBuffer, a Uint8Array or a ByteSource, got string"`,
    );
    expect(await refusal({} as Blob)).toMatchInlineSnapshot(
      `"byteSource: input must be a Blob, an ArrayBuffer, a Uint8Array or a ByteSource, got object"`,
    );
  });
});
