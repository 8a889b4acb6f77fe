import { mkdir, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadState, type Resume, type StateOrigin, saveState } from 'spgd';
import writeFileAtomic from 'write-file-atomic';
import { type RestoreOptions, usageError } from './restore-options';

/** Keeps what is done of a job in a folder, so that it can go on after an interruption. */
export interface Journal {
  readonly folder: string;
  /** The last state of a piece, if there is one. */
  load(piece: number): Promise<Resume | undefined>;
  /** Puts a state in the place of the one before, whole or not at all. */
  save(piece: number, state: Resume): Promise<void>;
  /** Makes the folder; of an old run that is not to go on, nothing stays. */
  begin(): Promise<void>;
  /** Leaves the folder where it holds something, and says so. */
  leave(say: (line: string) => void): Promise<void>;
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
  { resume, yes }: Pick<RestoreOptions, 'resume' | 'yes'>,
): Promise<Journal> {
  const folder = `${out}.resume`;
  const found = await stat(folder).catch(() => undefined);
  if (found && !resume && !yes)
    throw usageError(
      `${folder} holds an unfinished run: add --resume to go on with it, or --yes to start again`,
    );
  const isNew = !found || !resume;
  const fileOf = (piece: number) => join(folder, `piece-${piece}.safetensors`);
  let begun = false;
  return {
    folder,
    async begin() {
      if (isNew) await rm(folder, { recursive: true, force: true }).catch(cannotWrite(folder));
      await mkdir(folder, { recursive: true }).catch(cannotWrite(folder));
      begun = true;
    },
    async leave(say) {
      if (!begun) return;
      const left = await readdir(folder).catch(() => []);
      if (left.length > 0) say(`what is done is kept in ${folder}: go on with --resume`);
      else await rmdir(folder).catch(() => {});
    },
    async load(piece) {
      if (isNew && !begun) return undefined;
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
