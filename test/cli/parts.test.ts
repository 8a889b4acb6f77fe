import { CommanderError } from 'commander';
import { expect, test, vi } from 'vitest';
import { blaming, describeError, exitCode } from '../../src/cli/exit-code';
import { interruptible } from '../../src/cli/interrupt';
import { showProgress } from '../../src/cli/progress';
import { flag, heightByWidth, integer, positive } from '../../src/cli/rules';

test('each kind of error has its exit code', () => {
  const named = (name: string) => Object.assign(new Error(name), { name });
  expect(
    [
      new RangeError(''),
      new TypeError(''),
      named('InputError'),
      named('AbortError'),
      new Error(''),
      'a string',
      new CommanderError(0, 'commander.help', ''),
      new CommanderError(1, 'commander.unknownOption', ''),
    ].map(exitCode),
  ).toEqual([2, 2, 2, 130, 1, 1, 0, 2]);
});

test('an error is one line, and an abort says so', () => {
  expect(describeError(new Error('one\n  two'), false)).toBe('one two');
  expect(describeError(new Error('\u001b[2Jred\u202e\u0007'), false)).toBe(
    '\\u001b[2Jred\\u202e\\u0007',
  );
  const long = describeError(new Error(`a.pt: ${'x'.repeat(1000)}: name another`), false);
  expect([long.length, long.slice(0, 6), long.slice(-14)]).toEqual([
    294,
    'a.pt: ',
    ': name another',
  ]);
  expect(describeError(new Error('one'), true)).toMatch(/^Error: one\n {4}at /);
  expect(describeError(new DOMException('x', 'AbortError'), true)).toBe('interrupted');
});

test('an error that begins with the name of the input is an input error, another is not', async () => {
  const fail = (message: string) => blaming('a.pt', () => Promise.reject(new Error(message)));
  await expect(fail('a.pt: is a text file')).rejects.toMatchObject({ name: 'InputError' });
  await expect(fail('out of memory')).rejects.toMatchObject({ name: 'Error' });
});

test('Ctrl-C rejects at once, aborts the work, and is no longer caught afterwards', async () => {
  const before = process.listenerCount('SIGINT');
  let seen: AbortSignal | undefined;
  const run = interruptible((signal) => {
    seen = signal;
    return new Promise(() => {});
  });
  process.emit('SIGINT');
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(seen!.aborted).toBe(true);
  expect(process.listenerCount('SIGINT')).toBe(before);
  expect(await interruptible(async () => 5)).toBe(5);
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('numbers and sizes are read, and what is none is refused', () => {
  expect(flag(integer(0))('0')).toBe(0);
  expect(flag(integer(-Infinity))('-3')).toBe(-3);
  expect(flag(positive)('1e-3')).toBe(0.001);
  for (const text of ['', ' ', '1.5', 'x', '-1', 'Infinity', '1e99'])
    expect(() => flag(integer(0))(text)).toThrow(/It must be an integer >= 0/);
  for (const text of ['0', '-1', 'NaN', '', 'Infinity'])
    expect(() => flag(positive)(text)).toThrow(/It must be a number > 0/);
  expect(flag(heightByWidth)('256x320')).toEqual([256, 320]);
  for (const text of ['256', '0x5', '5x', '5X5', '1e3x5', '5x5x5'])
    expect(() => flag(heightByWidth)(text)).toThrow(/HEIGHTxWIDTH/);
});

const report = (steps: number, isTTY: boolean, abortAt = -1): string => {
  let text = '';
  const write = (data: unknown) => {
    text += data;
    return true;
  };
  const controller = new AbortController();
  const stream = Object.assign(Object.create(process.stderr), { isTTY, write });
  const progress = showProgress(stream, controller.signal);
  for (let index = 0; index < steps; index++) {
    if (index === abortAt) controller.abort();
    progress.report({ index, total: steps, dataError: 1 / (index + 1) });
  }
  progress.stop();
  return text;
};

test('away from a terminal, progress is a plain line every tenth', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const lines = report(25, false).trimEnd().split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('step 3/25 | 0 s left | data error 0.3333');
  expect(lines.at(-1)).toBe('step 25/25 | 0 s left | data error 0.0400');
  expect(report(3, false).trimEnd().split('\n')).toHaveLength(3);
  vi.restoreAllMocks();
});

test('without a data error none is shown', () => {
  let text = '';
  const write = (data: unknown) => {
    text += data;
    return true;
  };
  const stream = { isTTY: false, write };
  const progress = showProgress(stream, new AbortController().signal);
  progress.report({ index: 0, total: 1, dataError: undefined });
  expect(text).toBe('step 1/1 | 0 s left\n');
});
