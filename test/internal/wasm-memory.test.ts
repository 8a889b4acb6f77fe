import { beforeAll, expect, it } from 'vitest';
import { checkWasmMemory } from '../../src/internal/wasm-memory';
import { startTestBackend } from '../support/backend';

beforeAll(() => startTestBackend('wasm'));

it('refuses what would overwrite other tensors, and says what to do', () => {
  expect(() => checkWasmMemory('attention', [2 ** 29, 2 ** 29])).not.toThrow();
  expect(() =>
    checkWasmMemory('attention', Array(8).fill(2 ** 30)),
  ).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: attention: needs 8.0 GiB beside the 0.0 GiB of tensors there are, and WebAssembly has 4: use a smaller image or batch, a smaller memoryBudget, or native TensorFlow]`,
  );
});
