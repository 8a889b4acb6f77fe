import { describe, expect, it } from 'vitest';
import {
  dict,
  fixture,
  int,
  latin1,
  legacy,
  refusal,
  storage,
  tensor,
  text,
  torchZip,
  zip,
} from './build';

describe('a file of torch.save is refused', () => {
  it('when it calls os.system, wherever that lies', async () => {
    const evil = `cposix\nsystem\n${text('echo pwned')}\x85R`;
    expect(await refusal(torchZip(`\x80\x02${evil}.`))).toMatchInlineSnapshot(
      `"model.pt: refuses to build posix.system; only tensors and plain containers are read"`,
    );
    expect(await refusal(torchZip(dict(evil)))).toMatchInlineSnapshot(
      `"model.pt: refuses to build posix.system; only tensors and plain containers are read"`,
    );
    expect(await refusal(legacy(dict(evil)))).toMatchInlineSnapshot(
      `"model.pt: refuses to build posix.system; only tensors and plain containers are read"`,
    );
    const nested = `\x80\x02}${text('w')}${tensor()}s${text('x')}${evil}s.`;
    expect(await refusal(torchZip(nested, storage))).toMatchInlineSnapshot(
      `"model.pt: refuses to build posix.system; only tensors and plain containers are read"`,
    );
  });

  it.each([
    ['GLOBAL', 'c__builtin__\neval\n'],
    ['STACK_GLOBAL', `${text('builtins')}${text('exec')}\x93`],
    ['INST', '(isubprocess\nPopen\n'],
    ['a module below', 'cos.path\njoin\n'],
  ])('when it names code to run by %s', async (_, global) => {
    expect(await refusal(torchZip(dict(global)))).toMatch(
      /^model\.pt: refuses to build [\w.]+; only tensors and plain containers are read$/,
    );
  });

  it('when an object that is not built is among the tensors', async () => {
    const object = `cargparse\nNamespace\n)\x81}${text('lr')}${int(1)}sb`;
    const pickle = `\x80\x02}${text('w')}${tensor()}s${text('x')}${object}s.`;
    expect(await refusal(torchZip(pickle, storage))).toMatchInlineSnapshot(
      `"model.pt: refuses to build argparse.Namespace for "x"; only tensors and plain containers are read"`,
    );
  });

  it('when an object that is not built would become part of a tensor', async () => {
    const opaque = 'cnumpy\nint64\n';
    const messages = await Promise.all(
      [
        { numel: opaque },
        { offset: opaque },
        { shape: opaque },
        { key: opaque },
        { type: 'float32' },
      ].map((part) => refusal(torchZip(dict(tensor(part)), storage))),
    );
    expect(messages).toMatchInlineSnapshot(`
      [
        "model.pt: numel of a tensor must be an integer >= 0, got numpy.int64",
        "model.pt: storage_offset of a tensor must be an integer >= 0, got numpy.int64",
        "model.pt: size of a tensor must be a tuple of at most 64 integers",
        "model.pt: a storage key must be text, got numpy.int64",
        "model.pt: holds torch.float32, which is not read; save its tensors as float32",
      ]
    `);
  });

  it('when it is a pickled module', async () => {
    expect(await refusal(fixture('module.pt'))).toMatchInlineSnapshot(
      `"model.pt: holds a pickled torch.nn.modules.linear.Linear; save the state dict with torch.save(model.state_dict(), path)"`,
    );
    expect(await refusal(fixture('module-legacy.pt'))).toMatchInlineSnapshot(
      `"model.pt: holds a pickled module; save the state dict with torch.save(model.state_dict(), path)"`,
    );
  });

  it('when it is a TorchScript archive', async () => {
    const entries = ['s/data.pkl', 's/code/__torch__.py', 's/constants.pkl'];
    const archive = zip(entries.map((name) => [name, latin1('\x80\x02}.')]));
    expect(await refusal(archive)).toMatchInlineSnapshot(
      `"model.pt: is a TorchScript archive; save the state dict with torch.save(model.state_dict(), path)"`,
    );
  });

  it('when its tensors are complex, quantised or sparse', async () => {
    expect(await refusal(fixture('complex.pt'))).toMatchInlineSnapshot(
      `"model.pt: holds torch.ComplexFloatStorage, which is not read; save its tensors as float32"`,
    );
    expect(await refusal(fixture('quantised.pt'))).toMatchInlineSnapshot(
      `"model.pt: holds torch.QInt8Storage, which is not read; save its tensors as float32"`,
    );
    expect(await refusal(fixture('sparse.pt'))).toMatchInlineSnapshot(
      `"model.pt: refuses to build torch._utils._rebuild_sparse_tensor; only tensors and plain containers are read"`,
    );
  });

  it('when it holds no state dict', async () => {
    const keys = `\x80\x02}${text('epoch')}${int(3)}s${text('model')}cmy.net\nUNet\n)\x81s.`;
    expect(await refusal(torchZip(keys))).toMatchInlineSnapshot(
      `"model.pt: holds no dict of tensors; its keys are "epoch" (a number), "model" (my.net.UNet)"`,
    );
    expect(await refusal(torchZip('\x80\x02}.'))).toMatchInlineSnapshot(
      `"model.pt: holds no dict of tensors; its keys are none"`,
    );
    expect(await refusal(torchZip(`\x80\x02${tensor()}.`, storage))).toMatchInlineSnapshot(
      `"model.pt: holds a tensor; save the state dict with torch.save(model.state_dict(), path)"`,
    );
  });

  it('when a tensor needs more than its storage', async () => {
    const shape = `${int(3)}\x85`;
    expect(await refusal(torchZip(dict(tensor({ shape })), storage))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": needs 3 elements of storage "0", which holds 2"`,
    );
    const offset = int(1);
    expect(await refusal(torchZip(dict(tensor({ offset })), storage))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": needs 3 elements of storage "0", which holds 2"`,
    );
  });

  it('when a tensor has a negative stride or a huge size', async () => {
    const strides = `${int(-1)}\x85`;
    expect(await refusal(torchZip(dict(tensor({ strides })), storage))).toMatchInlineSnapshot(
      `"model.pt: stride of a tensor must be an integer >= 0, got -1"`,
    );
    const numel = '\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01';
    expect(await refusal(torchZip(dict(tensor({ numel })), storage))).toMatchInlineSnapshot(
      `"model.pt: numel of a tensor must be an integer >= 0, got an integer beyond 2^53"`,
    );
    const huge = { shape: `${int(2 ** 30)}\x85`, strides: `${int(0)}\x85` };
    expect(await refusal(torchZip(dict(tensor(huge)), storage))).toMatchInlineSnapshot(
      `"model.pt: its tensors repeat 2 numbers to 1073741824"`,
    );
  });

  it('when a storage is missing or of another size', async () => {
    expect(await refusal(torchZip(dict(tensor())))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": its storage "0" is missing"`,
    );
    const short = storage.subarray(0, 6);
    expect(await refusal(torchZip(dict(tensor()), short))).toMatchInlineSnapshot(
      `"model.pt: tensor "w": storage "0" must be 8 bytes, got 6"`,
    );
    expect(await refusal(legacy(dict(tensor()), undefined, 2n ** 62n))).toMatchInlineSnapshot(
      `"model.pt: storage "0" must hold 2 elements, got 4611686018427388000"`,
    );
    expect(await refusal(legacy(dict(tensor()), `]${text('1')}a.`))).toMatchInlineSnapshot(
      `"model.pt: storage "1" belongs to no tensor"`,
    );
  });

  it('when a key comes twice', async () => {
    const pickle = `\x80\x02}(${text('w')}${tensor()}${text('w')}${tensor()}u.`;
    expect(await refusal(torchZip(pickle, storage))).toMatchInlineSnapshot(
      `"model.pt: a dict holds the key "w" twice"`,
    );
    const data = latin1(dict(tensor()));
    const twice = zip([
      ['a/data.pkl', data],
      ['a/data.pkl', data],
    ]);
    expect(await refusal(twice)).toMatchInlineSnapshot(
      `"model.pt: its zip archive holds two entries of the same name"`,
    );
  });

  it('when it was written on a big-endian machine', async () => {
    const big = zip([
      ['a/data.pkl', latin1(dict(tensor()))],
      ['a/byteorder', latin1('big')],
    ]);
    expect(await refusal(big)).toMatchInlineSnapshot(
      `"model.pt: byte order must be "little", got "big""`,
    );
    const bytes = fixture('small-legacy.pt');
    bytes[bytes.indexOf(0x88)] = 0x89; // little_endian: False
    expect(await refusal(bytes)).toMatchInlineSnapshot(
      `"model.pt: was written on a big-endian machine"`,
    );
  });

  it('when it is an encrypted or another zip archive', async () => {
    const encrypted = zip([['a/data.pkl', latin1(dict(tensor()))]], { flags: 1, deflate: true });
    expect(await refusal(encrypted)).toMatchInlineSnapshot(
      `"model.pt: is an encrypted zip archive; decrypt it first"`,
    );
    expect(await refusal(zip([['word/document.xml', latin1('<x/>')]]))).toMatchInlineSnapshot(
      `"model.pt: is a zip archive with 0 data.pkl; torch.save writes exactly one"`,
    );
  });
});
