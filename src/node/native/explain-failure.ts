import type { ToolResult } from './run-tool';

type Reading = readonly [pattern: RegExp, text: string];

const offline =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|getaddrinfo|NewConnectionError|Max retries|name resolution|Name or service not known|unreachable|ProxyError|SSLError|timed out/i;
const full: Reading = [/ENOSPC|No space left/, 'the disk is full: TensorFlow needs 1.5 GB'];

/** What a step of `spgd native` may print, and what to do about it. The first that fits counts. */
const readings = {
  download: [
    full,
    [/No module named pip/, "Python has no pip: install it ('apt-get install python3-pip')"],
    [offline, 'PyPI cannot be reached: set pip to a mirror (PIP_INDEX_URL), or give --tensorflow'],
    [
      /No matching distribution/,
      'the package index has no TensorFlow for this platform: give --tensorflow',
    ],
  ],
  unpack: [full, [/BadZipFile/, 'the file is not a wheel, or was cut short: download it again']],
  install: [
    full,
    [offline, 'the npm registry cannot be reached: set npm to a mirror (npm config set registry)'],
    [/E404|ETARGET/, 'the npm registry does not have the package'],
  ],
  build: [
    full,
    [
      /Could not find any Python|find Python/,
      "node-gyp needs Python: install it ('apt-get install python3')",
    ],
    [
      /not found: make|make: (command )?not found|spawn make ENOENT/,
      "there is no make: install it ('apt-get install make g++')",
    ],
    [
      /(g\+\+|c\+\+|cc1plus|clang\+\+)['"]?: .*(not found|No such file)/,
      "there is no C++ compiler: install one ('apt-get install make g++')",
    ],
    [
      /node_api\.h: No such file|common\.gypi not found|nodejs\.org|headers/,
      "Node's headers are missing and cannot be downloaded: set npm_config_nodedir to the folder that holds include/node",
    ],
    [
      /wrong format|incompatible|cannot find -ltensorflow|undefined reference/,
      'this TensorFlow cannot be linked: take another version or platform',
    ],
  ],
  load: [
    [
      /compiled to use|SIGILL/,
      "this TensorFlow needs instructions that the processor lacks (such as AVX): use the backend 'wasm'",
    ],
    [/GLIBC_/, 'this TensorFlow needs a newer glibc: take an older one by --tensorflow'],
    [/GLIBCXX_/, 'this TensorFlow needs a newer libstdc++: take an older one by --tensorflow'],
    [
      /cannot open shared object file|wrong ELF class|invalid ELF/,
      'a library is missing or of another platform: run spgd native again, or give another --tensorflow',
    ],
  ],
} satisfies Record<string, readonly Reading[]>;

/** A step of `spgd native`. */
export type NativeStep = keyof typeof readings;

/** The line of an output that most likely names the error. */
function tellingLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  return told.find((line) => /error/i.test(line)) ?? told.at(-1) ?? 'no word of why';
}

/** `native: what failed: what to do (what it printed)`, in one line. */
export function explainFailure(
  step: NativeStep,
  what: string,
  { signal, output, missing }: ToolResult,
): Error {
  const text = signal ? `${output}\n${signal}` : output;
  const known = (readings[step] as readonly Reading[]).find(([pattern]) => pattern.test(text));
  const said = known && !signal ? text.split('\n').find((line) => known[0].test(line)) : undefined;
  const line = missing ? 'there is no such program' : (said?.trim() ?? tellingLine(text));
  const advice = known && !missing ? `${known[1]} ` : '';
  return new Error(`native: ${what} failed: ${advice}${advice ? `(${line})` : line}`);
}
