/** A layer of Keras's own: its constructor's arguments in order, and the row that computes it, where one does. */
export interface LayerSpec {
  readonly parameters: readonly string[];
  readonly row?: string;
  /** Which attributes say what a row's own attribute of another name does. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** It takes more than is listed, which nothing here depends on. */
  readonly open?: true;
}

const spec = (row: string | undefined, parameters: string, renamed?: Readonly<Record<string, string>>): LayerSpec => ({
  parameters: parameters.split(' ').filter(Boolean),
  ...(row !== undefined && { row }),
  ...(renamed && { renamed }),
});

const drawn = 'kernel_initializer bias_initializer';
const WEIGHT_REST = 'kernel_regularizer bias_regularizer activity_regularizer kernel_constraint bias_constraint';
const convolution = 'filters kernel_size strides padding data_format dilation_rate groups activation use_bias';
const depthwise = 'kernel_size strides padding depth_multiplier data_format dilation_rate activation use_bias';
const separable =
  'filters kernel_size strides padding data_format dilation_rate depth_multiplier activation use_bias depthwise_initializer pointwise_initializer bias_initializer';
const transposed = 'filters kernel_size strides padding data_format dilation_rate activation use_bias';
const pooling = 'pool_size strides padding data_format';
const spatial = (dimension: 1 | 2 | 3): Record<string, LayerSpec> => ({
  [`Conv${dimension}D`]: spec(`KerasConv${dimension}D`, `${convolution} ${drawn}`),
  [`Conv${dimension}DTranspose`]: spec(
    `KerasConv${dimension}DTranspose`,
    `${transposed} ${drawn} ${WEIGHT_REST} output_padding`,
  ),
  [`MaxPooling${dimension}D`]: spec(`KerasMaxPooling${dimension}D`, pooling),
  [`AveragePooling${dimension}D`]: spec(`KerasAveragePooling${dimension}D`, pooling),
  [`GlobalMaxPooling${dimension}D`]: spec(`KerasGlobalMaxPooling${dimension}D`, 'data_format keepdims'),
  [`GlobalAveragePooling${dimension}D`]: spec(`KerasGlobalAveragePooling${dimension}D`, 'data_format keepdims'),
  [`ZeroPadding${dimension}D`]: spec(`KerasZeroPadding${dimension}D`, 'padding data_format'),
  [`Cropping${dimension}D`]: spec(`KerasCropping${dimension}D`, 'cropping data_format'),
  [`UpSampling${dimension}D`]: spec(
    `KerasUpSampling${dimension}D`,
    dimension === 1 ? 'size' : 'size data_format interpolation',
  ),
  [`ConvLSTM${dimension}D`]: spec(
    `KerasConvLSTM${dimension}D`,
    'filters kernel_size strides padding data_format dilation_rate activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer unit_forget_bias dropout recurrent_dropout return_sequences return_state go_backwards',
  ),
  [`AdaptiveAveragePooling${dimension}D`]: spec(undefined, 'output_size data_format'),
  [`AdaptiveMaxPooling${dimension}D`]: spec(undefined, 'output_size data_format'),
  [`SpatialDropout${dimension}D`]: spec(
    `KerasSpatialDropout${dimension}D`,
    dimension === 1 ? 'rate' : 'rate data_format',
  ),
});

const recurrent =
  'units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer';
const RECURRENT_REST =
  'kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint recurrent_constraint bias_constraint dropout recurrent_dropout seed return_sequences return_state go_backwards stateful unroll reset_after zero_output_for_mask';

const MERGES = ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum'];

const LOOKUP =
  'max_tokens num_oov_indices mask_token oov_token vocabulary vocabulary_dtype idf_weights invert output_mode';

/** What changes images at random in training and hands them on in inference. */
const AUGMENTATIONS = [
  'RandomFlip',
  'RandomRotation',
  'RandomZoom',
  'RandomContrast',
  'RandomBrightness',
  'RandomTranslation',
  'RandomHeight',
  'RandomWidth',
  'RandomShear',
  'RandomHue',
  'RandomSaturation',
  'RandomSharpness',
  'RandomColorJitter',
  'RandomColorDegeneration',
  'RandomGrayscale',
  'RandomErasing',
  'RandomGaussianBlur',
  'RandomInvert',
  'RandomPerspective',
  'RandomPosterization',
  'RandomElasticTransform',
  'AugMix',
  'RandAugment',
  'MixUp',
  'CutMix',
];

/** Whether a class is one of these. */
export const isAugmentation = (name: string): boolean => AUGMENTATIONS.includes(name);

/** Keras's layers by class. Those without a row are lowered in `lowered.ts`. */
export const layerSpecs: Readonly<Record<string, LayerSpec>> = {
  Dense: spec('KerasDense', `units activation use_bias ${drawn}`),
  Embedding: spec('KerasEmbedding', 'input_dim output_dim embeddings_initializer'),
  PReLU: spec('KerasPReLU', 'alpha_initializer alpha_regularizer alpha_constraint shared_axes'),
  ...spatial(1),
  ...spatial(2),
  ...spatial(3),
  DepthwiseConv1D: spec('KerasDepthwiseConv1D', `${depthwise} depthwise_initializer bias_initializer`),
  DepthwiseConv2D: spec('KerasDepthwiseConv2D', `${depthwise} depthwise_initializer bias_initializer`),
  SeparableConv1D: spec('KerasSeparableConv1D', separable),
  SeparableConv2D: spec('KerasSeparableConv2D', separable),
  BatchNormalization: spec(
    'KerasBatchNormalization',
    'axis momentum epsilon center scale beta_initializer gamma_initializer moving_mean_initializer moving_variance_initializer',
  ),
  LayerNormalization: spec('KerasLayerNormalization', 'axis epsilon center scale beta_initializer gamma_initializer'),
  GroupNormalization: spec(
    'KerasGroupNormalization',
    'groups axis epsilon center scale beta_initializer gamma_initializer',
  ),
  RMSNormalization: spec('KerasRMSNormalization', 'axis epsilon'),
  SimpleRNN: spec(
    'KerasSimpleRNN',
    `units activation use_bias kernel_initializer recurrent_initializer bias_initializer ${RECURRENT_REST}`,
  ),
  LSTM: spec('KerasLSTM', `${recurrent} unit_forget_bias ${RECURRENT_REST}`),
  GRU: spec('KerasGRU', `${recurrent} ${RECURRENT_REST}`),
  CuDNNLSTM: spec('KerasLSTM', recurrent.replace(' activation recurrent_activation', '')),
  CuDNNGRU: spec('KerasGRU', recurrent.replace(' activation recurrent_activation', '')),
  MultiHeadAttention: spec(
    'KerasMultiHeadAttention',
    'num_heads key_dim value_dim dropout use_bias output_shape attention_axes flash_attention kernel_initializer bias_initializer',
    { output_shape: 'output_dim' },
  ),
  ...Object.fromEntries(MERGES.map((name) => [name, spec(`Keras${name}`, '')])),
  Concatenate: spec('KerasConcatenate', 'axis'),
  RepeatVector: spec('KerasRepeatVector', 'n'),
  Activation: spec(undefined, 'activation'),
  ReLU: spec(undefined, 'max_value negative_slope threshold'),
  LeakyReLU: spec(undefined, 'negative_slope'),
  ELU: spec(undefined, 'alpha'),
  Softmax: spec(undefined, 'axis'),
  ThresholdedReLU: spec(undefined, 'theta'),
  Dropout: spec('KerasDropout', 'rate noise_shape seed'),
  AlphaDropout: spec(undefined, 'rate noise_shape seed'),
  GaussianNoise: spec('KerasGaussianNoise', 'stddev seed'),
  GaussianDropout: spec('KerasGaussianDropout', 'rate seed'),
  Flatten: spec(undefined, 'data_format'),
  Reshape: spec(undefined, 'target_shape'),
  Permute: spec(undefined, 'dims'),
  Identity: spec(undefined, ''),
  ActivityRegularization: spec(undefined, 'l1 l2'),
  Masking: spec(undefined, 'mask_value'),
  Rescaling: spec('KerasRescaling', 'scale offset'),
  Normalization: spec('KerasNormalization', 'axis mean variance invert'),
  Lambda: spec(undefined, 'function output_shape mask arguments'),
  TimeDistributed: spec(undefined, 'layer'),
  Bidirectional: spec(undefined, 'layer merge_mode weights backward_layer'),
  EinsumDense: spec('KerasEinsumDense', `equation output_shape activation bias_axes ${drawn}`),
  ReversibleEmbedding: { ...spec(undefined, 'input_dim output_dim tie_weights embeddings_initializer'), open: true },
  GroupedQueryAttention: spec(
    'KerasGroupedQueryAttention',
    `head_dim num_query_heads num_key_value_heads dropout use_bias sliding_window flash_attention ${drawn}`,
  ),
  Attention: spec('KerasAttention', 'use_scale score_mode dropout seed'),
  AdditiveAttention: spec('KerasAdditiveAttention', 'use_scale dropout seed'),
  Dot: spec(undefined, 'axes normalize'),
  UnitNormalization: spec(undefined, 'axis'),
  SpectralNormalization: spec(undefined, 'layer power_iterations'),
  RNN: spec(undefined, 'cell return_sequences return_state go_backwards stateful unroll zero_output_for_mask'),
  StackedRNNCells: spec(undefined, 'cells'),
  LSTMCell: spec(undefined, `${recurrent} unit_forget_bias ${RECURRENT_REST}`),
  GRUCell: spec(undefined, `${recurrent} ${RECURRENT_REST}`),
  SimpleRNNCell: spec(undefined, `units activation use_bias ${RECURRENT_REST}`),
  Resizing: {
    ...spec(undefined, 'height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value'),
    open: true,
  },
  CenterCrop: spec(undefined, 'height width'),
  RandomCrop: spec(undefined, 'height width seed'),
  CategoryEncoding: spec(undefined, 'num_tokens output_mode'),
  Discretization: spec(undefined, 'bin_boundaries num_bins epsilon output_mode'),
  Pipeline: spec(undefined, 'layers'),
  StringLookup: { ...spec(undefined, LOOKUP.replace('oov_token', 'oov_token encoding')), open: true },
  IntegerLookup: { ...spec(undefined, LOOKUP), open: true },
  TextVectorization: {
    ...spec(undefined, 'max_tokens standardize split ngrams output_mode output_sequence_length'),
    open: true,
  },
  Hashing: { ...spec(undefined, 'num_bins mask_value salt output_mode'), open: true },
  ...Object.fromEntries(AUGMENTATIONS.map((name) => [name, { parameters: [], open: true }])),
};

/** Which argument draws a weight, by the weight's name. */
export const initializerOf = (weight: string, layer: string): readonly string[] => {
  const last = weight.split('.').at(-1)!;
  const own = last.replace(/_kernel$/, '');
  return [
    ...(layer.startsWith('Depthwise') && last === 'kernel' ? ['depthwise_initializer'] : []),
    `${own}_initializer`,
    `${last}_initializer`,
  ];
};
