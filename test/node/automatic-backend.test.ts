import { expect, test, vi } from 'vitest';
import type { BackendCandidate } from '../../src/node/choose-backend';

const only = vi.hoisted(() => ({ list: [] as unknown[] }));
vi.mock('../../src/node/backends', () => ({ backends: only.list }));

const candidate = (name: string, installed: boolean): BackendCandidate => ({
  name,
  package: `@tensorflow/${name}`,
  remedy: '',
  isInstalled: () => installed,
  start: async () => undefined,
});

test('landing on the JavaScript backend warns once, with the remedy', async () => {
  only.list.push(candidate('tfjs-backend-wasm', false), candidate('cpu', true));
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { useBackend } = await import('../../src/node/backend');
  expect(await useBackend('auto')).toMatchInlineSnapshot(`
    {
      "name": "cpu",
      "reason": "@tensorflow/tfjs-backend-wasm is not installed",
    }
  `);
  await useBackend();
  expect(warn.mock.calls).toMatchInlineSnapshot(`
    [
      [
        "spgd: running on the JavaScript backend, which is very slow, since @tensorflow/tfjs-backend-wasm is not installed. Remedy: run 'npm install @tensorflow/tfjs-backend-wasm' or 'npm install @tensorflow/tfjs-node'.",
      ],
    ]
  `);
});
