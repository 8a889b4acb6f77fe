const textOf = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/**
 * Whether a file is an SVG or other XML, compressed or not, whatever its name: a program for drawing,
 * which may run for hours, and no photo. No format of pixels begins like that.
 */
export const isDrawing = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0x1f && bytes[1] === 0x8b) ||
  /^(\u00ef\u00bb\u00bf)?\s*</.test(textOf(bytes.subarray(0, 4096)));

/** Whether a file is HEIC, a HEIF with the video codec HEVC, as phones write it. */
export const isHeic = (bytes: Uint8Array): boolean =>
  textOf(bytes.subarray(4, 8)) === 'ftyp' && /he[iv][cmsx]/.test(textOf(bytes.subarray(8, 64)));
