import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadState, type Resume, type StateOrigin, saveState } from 'spgd';
import writeFileAtomic from 'write-file-atomic';
import { usageError } from './restore-options';

/** Keeps what is done of a job in a folder, so that it can go on after an interruption. */
export interface Journal {
  readonly folder: string;
  /** The last state of a piece, if there is one. */
  load(piece: number): Promise<Resume | undefined>;
  /** Puts a state in the place of the one before, whole or not at all. */
  save(piece: number, state: Resume): Promise<void>;
  /** Removes the folder. */
  remove(): Promise<void>;
}

const reasons: Record<string, string> = {
  ENOSPC: 'no space is left on the disk; make room, then go on with --resume',
  EDQUOT: 'the quota of the disk is used up; make room, then go on with --resume',
  EACCES: 'permission denied; name another folder with --out',
  EPERM: 'permission denied; name another folder with --out',
  EROFS: 'the disk is read-only; name another folder with --out',
};

const cannotWrite = (path: string) => (error: NodeJS.ErrnoException) => {
  throw new Error(`restore: cannot write ${path}: ${reasons[error.code ?? ''] ?? error.message}`);
};

/** Opens the journal of the picture `out`; `origin` is what its states depend on. */
export async function openJournal(
  out: string,
  origin: StateOrigin,
  { resume, yes }: { resume?: boolean; yes?: boolean },
): Promise<Journal> {
  const folder = `${out}.resume`;
  const found = await stat(folder).catch(() => undefined);
  if (found && !resume && !yes)
    throw usageError(
      `${folder} holds an unfinished run: add --resume to go on with it, or --yes to start again`,
    );
  if (found && !resume) await rm(folder, { recursive: true });
  await mkdir(folder, { recursive: true }).catch(cannotWrite(folder));
  const fileOf = (piece: number) => join(folder, `piece-${piece}.safetensors`);
  return {
    folder,
    async load(piece) {
      const path = fileOf(piece);
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) return undefined;
      try {
        return await loadState(new File([new Uint8Array(bytes)], path), origin);
      } catch (error) {
        throw usageError(`cannot resume: ${(error as Error).message}; --yes alone starts again`);
      }
    },
    async save(piece, state) {
      const path = fileOf(piece);
      await writeFileAtomic(path, Buffer.from(await saveState(state, origin))).catch(
        cannotWrite(path),
      );
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
