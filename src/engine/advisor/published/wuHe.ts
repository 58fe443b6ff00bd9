import type { PublishedErrors } from '../../report';

/** Published error by batch size: what noisy batch statistics cost in a full training. */
export interface PublishedError {
  readonly batch: number;
  readonly BatchNorm: number;
  readonly GroupNorm: number;
}

/** Wu & He 2018, "Group Normalization", table 2: ResNet-50, ImageNet validation error in %, by images a GPU. */
export const WU_HE: readonly PublishedError[] = [
  { batch: 2, BatchNorm: 34.7, GroupNorm: 24.1 },
  { batch: 4, BatchNorm: 27.3, GroupNorm: 24.2 },
  { batch: 8, BatchNorm: 24.8, GroupNorm: 24.0 },
  { batch: 16, BatchNorm: 23.7, GroupNorm: 24.2 },
  { batch: 32, BatchNorm: 23.6, GroupNorm: 24.1 },
];

export const WU_HE_SOURCE = 'Wu & He 2018, "Group Normalization" (ResNet-50, ImageNet), arxiv.org/abs/1803.08494';

/** The published row at the largest batch that is not above `batch` (the smallest row below 2). */
export function publishedAt(batch: number): PublishedError {
  return WU_HE.findLast((row) => row.batch <= batch) ?? WU_HE[0]!;
}

/** The table as a report carries it. */
export const publishedErrors = (): PublishedErrors => ({
  quantity: 'validation error, ResNet-50 on ImageNet',
  unit: '%',
  source: WU_HE_SOURCE,
  rows: WU_HE.map(({ batch, ...errors }) => ({ batch, errors })),
});
