// Layers over one, two or three spatial dimensions: one file a family, each a function of the dimension. A family lists
// its own rows, and only the lists are put together here; what the rows share stands in files that name it.
import type { LayerRow } from '../row';
import { adaptivePoolings } from './adaptivePooling';
import { averagePoolings } from './averagePooling';
import { convolutions } from './convolution';
import { gridRows } from './gridSample';
import { interpolations } from './interpolation';
import { maxPoolings } from './maxPooling';
import { maxUnpoolings } from './maxUnpooling';
import { paddings } from './padding';
import { powerPoolings } from './powerPooling';
import { rearrangements } from './rearranging';
import { shufflings } from './shuffling';
import { transposedConvolutions } from './transposedConvolution';
import { unfoldings } from './unfolding';

export const spatialLayers: readonly LayerRow[] = [
  ...convolutions,
  ...transposedConvolutions,
  ...maxPoolings,
  ...maxUnpoolings,
  ...averagePoolings,
  ...powerPoolings,
  ...adaptivePoolings,
  ...interpolations,
  ...gridRows,
  ...paddings,
  ...shufflings,
  ...unfoldings,
  ...rearrangements,
];
