export type { ByteInput, ByteSource } from '../checkpoint/byte-source';
export type { LpipsNet } from '../networks/lpips-nets';
export { type ConvertBlurNetworkOptions, convertBlurNetwork } from './convert-blur-network';
export { type ConvertOptions, convertCheckpoint } from './convert-checkpoint';
export { type ConvertLpipsOptions, convertLpips } from './convert-lpips';
