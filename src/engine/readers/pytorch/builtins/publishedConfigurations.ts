/** A configuration as published with trained weights: what differs from its class's defaults in transformers. */
export interface PublishedConfiguration {
  /** Of the name behind the owner's: `bert-large-uncased` of `google-bert/bert-large-uncased`. */
  readonly name: RegExp;
  /** The `model_type` that it is of. */
  readonly type: string;
  readonly settings: Readonly<Record<string, number | string | boolean | readonly string[]>>;
}

const bert = (layers: number, width: number) => ({
  num_hidden_layers: layers,
  hidden_size: width,
  num_attention_heads: width / 64,
  intermediate_size: 4 * width,
});

const roberta = { max_position_embeddings: 514, type_vocab_size: 1, layer_norm_eps: 1e-5 };
const xlmRoberta = { ...roberta, vocab_size: 250_002 };
const albert = (width: number, heads: number) => ({
  hidden_size: width,
  num_attention_heads: heads,
  intermediate_size: 4 * width,
});
const gpt2 = (layers: number, width: number, heads: number) => ({ n_layer: layers, n_embd: width, n_head: heads });
const t5 = (width: number, layers: number, heads: number) => ({
  d_model: width,
  d_ff: 4 * width,
  num_layers: layers,
  num_heads: heads,
});
const bart = (layers: number, width: number) => ({
  d_model: width,
  encoder_layers: layers,
  decoder_layers: layers,
  encoder_attention_heads: width / 64,
  decoder_attention_heads: width / 64,
  encoder_ffn_dim: 4 * width,
  decoder_ffn_dim: 4 * width,
});
const deberta3 = (layers: number, width: number) => ({
  ...bert(layers, width),
  vocab_size: 128_100,
  relative_attention: true,
  position_buckets: 256,
  norm_rel_ebd: 'layer_norm',
  share_att_key: true,
  pos_att_type: ['p2c', 'c2p'],
  position_biased_input: false,
  type_vocab_size: 0,
});

/** The commonest names, by the papers' and the model cards' sizes; the first that fits. */
export const PUBLISHED_CONFIGURATIONS: readonly PublishedConfiguration[] = [
  { name: /^bert-base-uncased$/, type: 'bert', settings: {} },
  { name: /^bert-base-cased$/, type: 'bert', settings: { vocab_size: 28_996 } },
  { name: /^bert-base-chinese$/, type: 'bert', settings: { vocab_size: 21_128 } },
  { name: /^bert-base-multilingual-cased$/, type: 'bert', settings: { vocab_size: 119_547 } },
  { name: /^bert-large-uncased(-whole-word-masking)?$/, type: 'bert', settings: bert(24, 1024) },
  {
    name: /^bert-large-cased(-whole-word-masking)?$/,
    type: 'bert',
    settings: { ...bert(24, 1024), vocab_size: 28_996 },
  },
  { name: /^roberta-base$/, type: 'roberta', settings: roberta },
  { name: /^roberta-large$/, type: 'roberta', settings: { ...roberta, ...bert(24, 1024) } },
  { name: /^xlm-roberta-base$/, type: 'xlm-roberta', settings: xlmRoberta },
  { name: /^xlm-roberta-large$/, type: 'xlm-roberta', settings: { ...xlmRoberta, ...bert(24, 1024) } },
  { name: /^distilbert-base-uncased$/, type: 'distilbert', settings: {} },
  { name: /^distilbert-base-cased$/, type: 'distilbert', settings: { vocab_size: 28_996 } },
  { name: /^distilroberta-base$/, type: 'roberta', settings: { ...roberta, num_hidden_layers: 6 } },
  { name: /^albert-base-v[12]$/, type: 'albert', settings: albert(768, 12) },
  { name: /^albert-large-v[12]$/, type: 'albert', settings: { ...albert(1024, 16), num_hidden_layers: 24 } },
  {
    name: /^electra-base-discriminator$/,
    type: 'electra',
    settings: { ...bert(12, 768), embedding_size: 768 },
  },
  { name: /^electra-small-discriminator$/, type: 'electra', settings: {} },
  { name: /^deberta-v3-base$/, type: 'deberta-v2', settings: deberta3(12, 768) },
  { name: /^deberta-v3-small$/, type: 'deberta-v2', settings: deberta3(6, 768) },
  { name: /^deberta-v3-large$/, type: 'deberta-v2', settings: deberta3(24, 1024) },
  { name: /^gpt2$/, type: 'gpt2', settings: {} },
  { name: /^distilgpt2$/, type: 'gpt2', settings: gpt2(6, 768, 12) },
  { name: /^gpt2-medium$/, type: 'gpt2', settings: gpt2(24, 1024, 16) },
  { name: /^gpt2-large$/, type: 'gpt2', settings: gpt2(36, 1280, 20) },
  { name: /^gpt2-xl$/, type: 'gpt2', settings: gpt2(48, 1600, 25) },
  { name: /^t5-small$/, type: 't5', settings: {} },
  { name: /^t5-base$/, type: 't5', settings: t5(768, 12, 12) },
  { name: /^t5-large$/, type: 't5', settings: t5(1024, 24, 16) },
  { name: /^bart-base$/, type: 'bart', settings: bart(6, 768) },
  { name: /^bart-large$/, type: 'bart', settings: {} },
  { name: /^vit-base-patch16-224(-in21k)?$/, type: 'vit', settings: {} },
  { name: /^vit-base-patch32-224-in21k$/, type: 'vit', settings: { patch_size: 32 } },
  { name: /^vit-large-patch16-224(-in21k)?$/, type: 'vit', settings: bert(24, 1024) },
  { name: /^resnet-50$/, type: 'resnet', settings: {} },
];

/** What is published under a name on the hub, where it is among the commonest. */
export const publishedConfiguration = (name: string): PublishedConfiguration | undefined => {
  const own = name.split('/').at(-1)!;
  return PUBLISHED_CONFIGURATIONS.find((each) => each.name.test(own));
};
