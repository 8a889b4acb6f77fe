/** The settings of BKSE's network, in its own words. */
export interface KernelWizardConfig {
  /** Channels of an image. */
  readonly input_nc: number;
  /** Channels of the features. */
  readonly nf: number;
  /** Residual blocks before the adapter. */
  readonly front_RBs: number;
  /** Residual blocks after it. */
  readonly back_RBs: number;
}

/** Channels of a kernel code. */
export const kernelChannels = ({ nf }: KernelWizardConfig): number => 8 * nf;

/** How much smaller a kernel code is than its image: seven halvings. */
export const downFactor = 128;
