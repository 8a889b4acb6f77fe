/** A network whose features LPIPS compares. */
export type LpipsNet = 'squeeze' | 'alex' | 'vgg';

/** Their names. */
export const lpipsNets: readonly LpipsNet[] = ['squeeze', 'alex', 'vgg'];

/** The smallest height and width that leave a pixel to the last layer. */
export const smallestSize: Readonly<Record<LpipsNet, number>> = { squeeze: 17, alex: 31, vgg: 16 };
