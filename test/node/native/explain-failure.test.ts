import { expect, it } from 'vitest';
import { explainFailure, type NativeStep } from '../../../src/node/native/explain-failure';

const failed = (step: NativeStep, output: string, signal: NodeJS.Signals | null = null) =>
  explainFailure(step, 'this', { ok: false, missing: false, signal, output }).message;

it('names what to do in one line, and quotes the line that tells', () => {
  const pip = 'Retrying (Retry(total=0)) after NewConnectionError\nERROR: No matching distribution';
  expect(failed('download', pip)).toMatchInlineSnapshot(
    `"native: this failed: PyPI cannot be reached: set pip to a mirror (PIP_INDEX_URL), or give --tensorflow (Retrying (Retry(total=0)) after NewConnectionError)"`,
  );
  expect(failed('download', 'ERROR: No matching distribution found for a')).toContain(
    'no TensorFlow for this platform',
  );
  expect(failed('download', '/usr/bin/python3: No module named pip')).toContain('python3-pip');
  expect(failed('unpack', 'zipfile.BadZipFile: File is not a zip file')).toContain('not a wheel');
  expect(failed('install', 'npm error code ENOTFOUND')).toContain('npm registry');
  expect(failed('build', 'gyp ERR! stack Error: not found: make')).toContain('there is no make');
  expect(failed('build', 'make: g++: No such file or directory')).toContain('C++ compiler');
  expect(failed('build', 'ld: skipping incompatible libtensorflow.so')).toContain('linked');
  expect(failed('build', 'getaddrinfo ENOTFOUND nodejs.org')).toContain('npm_config_nodedir');
  expect(failed('load', "version `GLIBC_2.38' not found")).toContain('glibc');
  expect(failed('load', 'libtensorflow_cc.so.2: cannot open shared object file')).toContain(
    'run spgd native again',
  );
});

it('reads a processor without AVX from the signal or from the text', () => {
  expect(failed('load', 'some lines', 'SIGILL')).toContain('AVX');
  expect(failed('load', 'The library was compiled to use AVX512F instructions')).toContain('AVX');
});

it('quotes the line of an unknown failure that speaks of an error, or else the last', () => {
  expect(failed('build', 'one\nfatal error: two\nthree')).toMatchInlineSnapshot(
    `"native: this failed: fatal error: two"`,
  );
  expect(failed('build', 'one\ntwo\n\n')).toMatchInlineSnapshot(`"native: this failed: two"`);
  expect(failed('build', '')).toMatchInlineSnapshot(`"native: this failed: no word of why"`);
});
