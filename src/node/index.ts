export { useBackend } from './backend';
export type { BackendName } from './backends';
export { bundledPrior } from './bundled';
export type { BackendChoice } from './choose-backend';
export { fileHandler } from './file-handler';
export { fileSource } from './file-source';
export { type ReadImageOptions, readImage } from './read-image';
export { checkModelFolder } from './save-model';
export { checkImagePath, type WriteImageOptions, writeImage } from './write-image';
