export type { ByteInput, ByteSource } from '../checkpoint/byte-source';
export { type HubCache, memoryCache } from '../hub/hub-cache';
export { type HubOptions, hubHandler } from '../hub/hub-handler';
export type { LpipsNet } from '../networks/lpips-nets';
export { type ConvertBlurNetworkOptions, convertBlurNetwork } from './convert-blur-network';
export { type ConvertOptions, convertCheckpoint } from './convert-checkpoint';
export { type ConvertLpipsOptions, convertLpips } from './convert-lpips';
export { type ConvertTreeOptions, convertTree, type TreeOrigin } from './convert-tree';
export type { FileTree } from './model-files';
