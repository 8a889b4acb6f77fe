export {
  createRestorer,
  type RestoreOptions,
  type Restorer,
  type RestorerOptions,
} from './create-restorer';
export type { BackendChoice, BackendName, RestorerInfo } from './messages';
export type {
  Held,
  PhotoJob,
  PhotoSettings,
  PhotoTask,
  Plan,
  Preview,
  Progress,
  Restored,
} from './photo-job';
export { copyInto, cropPicture, type Picture } from './picture';
