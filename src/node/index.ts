export { useBackend } from './backend';
export type { BackendName } from './backends';
export { type BundledPriors, bundledPrior, bundledPriors } from './bundled';
export type { BackendChoice } from './choose-backend';
export { diskCache } from './disk-cache';
export { fileHandler } from './file-handler';
export { fileSource } from './file-source';
export { type HubSettings, hubSettings } from './hub-settings';
export {
  type InstallNativeOptions,
  installNative,
  type NativeReport,
} from './native/install-native';
export type { NativePackage } from './native/native-folder';
export { type OpenFileOptions, readInput } from './open-file';
export type { PictureFile, Pixels } from './pixels';
export { readImage, readPixels } from './read-image';
export type { ReadImageOptions, ReadPixelsOptions } from './read-image-options';
export { checkModelFolder } from './save-model';
export { readTensors, writeTensors } from './tensor-file';
export { type WorkerDenoiserOptions, workerDenoiser } from './worker-denoiser';
export {
  checkImagePath,
  lostIn,
  type WriteImageOptions,
  writeImage,
  writePixels,
} from './write-image';
