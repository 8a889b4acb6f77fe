/** Shape of an image batch: `[batch, height, width, channels]`. */
export type Shape4D = [number, number, number, number];
