import { describe, expect, it } from 'vitest';
import { dict, refusal, tensor, torchZip } from './build';

describe('a hostile file ends soon', () => {
  it('when a small entry claims to inflate to a large one', async () => {
    const bomb = torchZip(dict(tensor()), undefined, { deflate: true, declared: 2 ** 26 });
    expect(await refusal(bomb)).toMatchInlineSnapshot(
      `"model.pt: refuses to inflate "a/data.pkl" from 105 bytes to 67108864"`,
    );
    const large = torchZip(dict(tensor()), undefined, { deflate: true, declared: 2 ** 31 });
    expect(await refusal(large)).toMatchInlineSnapshot(
      `"model.pt: data.pkl must be <= 67108864 bytes, got 2147483648"`,
    );
    const wrong = torchZip(dict(tensor()), undefined, { deflate: true, declared: 1000 });
    expect(await refusal(wrong)).toMatchInlineSnapshot(
      `"model.pt: "a/data.pkl" of the zip archive is damaged (decompressed size mismatch. declared: 1000, actual: 120)"`,
    );
  });

  it('when its pickle makes containers without end', async () => {
    expect(await refusal(torchZip(`\x80\x02${'}0'.repeat(3e6)}.`))).toMatchInlineSnapshot(
      `"model.pt: its pickle takes more than 4000000 steps"`,
    );
  });

  it('when its pickle copies one long list again and again', async () => {
    const list = `(${'K\x01'.repeat(1e5)}lq\x00`;
    const copies = `c__builtin__\nset\nh\x00\x85R0`.repeat(1000);
    expect(await refusal(torchZip(`\x80\x02${list}${copies}.`))).toMatchInlineSnapshot(
      `"model.pt: its pickle takes more than 4000000 steps"`,
    );
  });

  it('when a key is a list a million lists deep, twice', async () => {
    const deep = `${']'.repeat(1e6)}${'a'.repeat(1e6 - 1)}q\x00`;
    const pickle = `\x80\x02${deep}0}h\x00Nsh\x00Ns.`;
    expect(await refusal(torchZip(pickle))).toMatchInlineSnapshot(
      `"model.pt: a dict holds the key a list twice"`,
    );
  });

  it('when its pickle declares a huge text, line or integer', async () => {
    expect(await refusal(torchZip('\x80\x02X\xff\xff\xff\xff.'))).toMatchInlineSnapshot(
      `"model.pt: is cut short inside its pickle"`,
    );
    expect(await refusal(torchZip(`\x80\x02c${'a'.repeat(5000)}\nb\n.`))).toMatchInlineSnapshot(
      `"model.pt: a line of its pickle must be <= 1024 bytes"`,
    );
    expect(await refusal(torchZip('\x80\x02\x8b\xff\xff\xff\x7f.'))).toMatchInlineSnapshot(
      `"model.pt: an integer must be <= 255 bytes, got 2147483647"`,
    );
    expect(
      await refusal(torchZip('\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff.')),
    ).toMatchInlineSnapshot(`"model.pt: is cut short inside its pickle"`);
  });

  it('when its pickle takes what it never put', async () => {
    const messages = await Promise.all(
      [
        '.',
        '0.',
        't.',
        'h\x07.',
        '}e.',
        '(}K\x01u.',
        '}s.',
        'K\x01K\x01s.',
        'K\x01)R.',
        '\xff.',
        'cos',
      ].map((pickle) => refusal(torchZip(`\x80\x02${pickle}`))),
    );
    expect(messages).toMatchInlineSnapshot(`
      [
        "model.pt: its pickle takes a value that is not there",
        "model.pt: its pickle takes a value that is not there",
        "model.pt: its pickle takes a mark that is not there",
        "model.pt: its pickle has no memo 7",
        "model.pt: its pickle takes a mark that is not there",
        "model.pt: its pickle takes a value that is not there",
        "model.pt: its pickle takes a value that is not there",
        "model.pt: its pickle takes a value that is not there",
        "model.pt: its pickle calls a number",
        "model.pt: its pickle holds the opcode 255, which torch never writes",
        "model.pt: is cut short inside its pickle",
      ]
    `);
  });
});
