import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadState, type Resume, type StateOrigin, saveState } from 'spgd';
import { readInput } from 'spgd/node';
import writeFileAtomic from 'write-file-atomic';
import { tellWorking } from '../guard';
import { folderOf, sayKept } from './leftovers';
import { lockOut } from './out-lock';
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
  /** Frees the picture; leaves the folder where it holds something, and says so. */
  leave(say: (line: string) => void): Promise<void>;
  /** Frees the picture and removes the folder. */
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
  if (error.name === 'InputError') throw error;
  throw new Error(`restore: cannot write ${path}: ${reasons[error.code ?? ''] ?? error.message}`);
};

/** Bytes of the SHA-256 that follows a state in its file. */
const digestBytes = 32;

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** The state in a file, without the digest that proves it; throws where it proves it not. */
async function readState(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readInput(path, { purpose: 'restore' });
  const state = bytes.subarray(0, -digestBytes);
  if (!digestOf(state).equals(bytes.subarray(-digestBytes)))
    throw new Error(`${path}: must end in the SHA-256 of its content, got another: it is damaged`);
  return state;
}

/**
 * Opens the journal of the picture `out`, which is locked for this process until it is left or removed;
 * `origin` is what its states depend on.
 */
export async function openJournal(
  out: string,
  origin: StateOrigin,
  { resume, yes }: Pick<RestoreOptions, 'resume' | 'yes'>,
): Promise<Journal> {
  const folder = folderOf(out);
  const found = (await readdir(folder).catch(() => [])).length > 0;
  if (found && !resume && !yes)
    throw usageError(
      `${folder} holds an unfinished run: add --resume to go on with it, or --yes to start again`,
    );
  const unlockOut = await lockOut(out).catch(cannotWrite(out));
  tellWorking(out, true);
  const release = async () => {
    await unlockOut();
    tellWorking(out, false);
  };
  const isNew = !found || !resume;
  const fileOf = (piece: number) => join(folder, `piece-${piece}.state`);
  let begun = false;
  return {
    folder,
    async begin() {
      if (isNew) await rm(folder, { recursive: true, force: true }).catch(cannotWrite(folder));
      await mkdir(folder, { recursive: true }).catch(cannotWrite(folder));
      begun = true;
    },
    async leave(say) {
      await release();
      if (begun) await sayKept(out, say);
    },
    async load(piece) {
      if (isNew && !begun) return undefined;
      const path = fileOf(piece);
      if (
        !(await access(path).then(
          () => true,
          () => false,
        ))
      )
        return undefined;
      try {
        return await loadState(new File([await readState(path)], path), origin);
      } catch (error) {
        throw usageError(`cannot resume: ${(error as Error).message}; --yes alone starts again`);
      }
    },
    async save(piece, state) {
      const path = fileOf(piece);
      const bytes = await saveState(state, origin);
      await writeFileAtomic(path, Buffer.concat([bytes, digestOf(bytes)])).catch(cannotWrite(path));
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
      await release();
    },
  };
}
