import { firstLine } from './input-error';

/** One backend that could do the work. */
export interface BackendCandidate<Name extends string = string> {
  /** The name that `useBackend` takes. */
  readonly name: Name;
  /** The npm package that brings it. */
  readonly package: string;
  /** How to get it, or to mend it: the end of a sentence. */
  readonly remedy: string;
  /** Left out unless it is asked for. */
  readonly byNameOnly?: boolean;
  /** Whether the package is there, working or not. */
  isInstalled(): boolean;
  /**
   * Makes it the backend of TensorFlow.js and checks that it computes; rejects where it cannot. Gives
   * what it computes on, where it can tell.
   */
  start(): Promise<string | undefined>;
}

/** The backend that was chosen, and why this one. */
export interface BackendChoice<Name extends string = string> {
  /** The backend that runs from now on. */
  readonly name: Name;
  /** Why this one: what came before it and is missing or broken. */
  readonly reason: string;
  /** What it computes on, where the backend tells: `TensorFlow 2.21.0 on the CPU`. */
  readonly device?: string;
}

const join = (names: readonly string[]): string => names.join(' and ');

/** `a and b are not installed; c is installed but failed to start (why)`. */
function explain(missing: readonly string[], broken: readonly string[]): string {
  const absent = missing.length
    ? [`${join(missing)} ${missing.length > 1 ? 'are' : 'is'} not installed`]
    : [];
  return [...absent, ...broken].join('; ');
}

const failure = (candidate: BackendCandidate, error: unknown): string =>
  `${candidate.package} is installed but failed to start (${firstLine(error)})`;

/** Starts the first candidate that works, and says what came before it. */
export async function chooseBackend<Name extends string>(
  candidates: readonly BackendCandidate<Name>[],
): Promise<BackendChoice<Name>> {
  const missing: string[] = [];
  const broken: string[] = [];
  for (const candidate of candidates.filter((one) => !one.byNameOnly)) {
    if (!candidate.isInstalled()) {
      missing.push(candidate.package);
      continue;
    }
    try {
      const device = await candidate.start();
      const reason = explain(missing, broken) || `${candidate.package} is installed and works`;
      return { name: candidate.name, reason, ...(device && { device }) };
    } catch (error) {
      broken.push(failure(candidate, error));
    }
  }
  throw new Error(`useBackend: no backend works: ${explain(missing, broken)}`);
}

/** Starts the candidate that was asked for by name, or throws an error with the remedy. */
export async function startBackend<Name extends string>(
  candidate: BackendCandidate<Name>,
): Promise<BackendChoice<Name>> {
  const { name, remedy } = candidate;
  if (!candidate.isInstalled())
    throw new Error(`useBackend: ${candidate.package} is not installed; ${remedy}`);
  try {
    const device = await candidate.start();
    return { name, reason: 'asked for by name', ...(device && { device }) };
  } catch (error) {
    throw new Error(`useBackend: ${failure(candidate, error)}; ${remedy}`, { cause: error });
  }
}
