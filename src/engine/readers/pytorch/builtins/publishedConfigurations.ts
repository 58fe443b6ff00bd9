/** A configuration as published with trained weights: what differs from its class's defaults in transformers. */
export interface PublishedConfiguration {
  /** The name behind the owner's: `bert-large-uncased` of `google-bert/bert-large-uncased`. */
  readonly name: string;
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
const neox = (layers: number, width: number) => ({ ...bert(layers, width), vocab_size: 50_304 });
const flanT5 = (width: number, inner: number, layers: number, heads: number) => ({
  d_model: width,
  d_ff: inner,
  num_layers: layers,
  num_heads: heads,
  feed_forward_proj: 'gated-gelu',
  tie_word_embeddings: false,
});

/** The commonest names, by the sizes of the papers and of what is published with the weights. */
export const PUBLISHED_CONFIGURATIONS: readonly PublishedConfiguration[] = [
  { name: 'bert-base-uncased', type: 'bert', settings: {} },
  { name: 'bert-base-cased', type: 'bert', settings: { vocab_size: 28_996 } },
  { name: 'bert-base-chinese', type: 'bert', settings: { vocab_size: 21_128 } },
  { name: 'bert-base-multilingual-cased', type: 'bert', settings: { vocab_size: 119_547 } },
  { name: 'bert-large-uncased', type: 'bert', settings: bert(24, 1024) },
  { name: 'bert-large-cased', type: 'bert', settings: { ...bert(24, 1024), vocab_size: 28_996 } },
  { name: 'bert-tiny', type: 'bert', settings: bert(2, 128) },
  { name: 'bert-mini', type: 'bert', settings: bert(4, 256) },
  { name: 'bert-small', type: 'bert', settings: bert(4, 512) },
  { name: 'bert-medium', type: 'bert', settings: bert(8, 512) },
  { name: 'all-MiniLM-L6-v2', type: 'bert', settings: { ...bert(6, 384), num_attention_heads: 12 } },
  { name: 'all-MiniLM-L12-v2', type: 'bert', settings: { ...bert(12, 384), num_attention_heads: 12 } },
  { name: 'roberta-base', type: 'roberta', settings: roberta },
  { name: 'roberta-large', type: 'roberta', settings: { ...roberta, ...bert(24, 1024) } },
  { name: 'distilroberta-base', type: 'roberta', settings: { ...roberta, num_hidden_layers: 6 } },
  { name: 'xlm-roberta-base', type: 'xlm-roberta', settings: xlmRoberta },
  { name: 'xlm-roberta-large', type: 'xlm-roberta', settings: { ...xlmRoberta, ...bert(24, 1024) } },
  { name: 'distilbert-base-uncased', type: 'distilbert', settings: {} },
  { name: 'distilbert-base-cased', type: 'distilbert', settings: { vocab_size: 28_996 } },
  { name: 'albert-base-v1', type: 'albert', settings: albert(768, 12) },
  { name: 'albert-base-v2', type: 'albert', settings: albert(768, 12) },
  { name: 'albert-large-v2', type: 'albert', settings: { ...albert(1024, 16), num_hidden_layers: 24 } },
  { name: 'electra-small-discriminator', type: 'electra', settings: {} },
  { name: 'electra-base-discriminator', type: 'electra', settings: { ...bert(12, 768), embedding_size: 768 } },
  { name: 'deberta-v3-small', type: 'deberta-v2', settings: deberta3(6, 768) },
  { name: 'deberta-v3-base', type: 'deberta-v2', settings: deberta3(12, 768) },
  { name: 'deberta-v3-large', type: 'deberta-v2', settings: deberta3(24, 1024) },
  { name: 'xlnet-base-cased', type: 'xlnet', settings: { d_model: 768, n_layer: 12, n_head: 12, d_inner: 3072 } },
  { name: 'gpt2', type: 'gpt2', settings: {} },
  { name: 'distilgpt2', type: 'gpt2', settings: gpt2(6, 768, 12) },
  { name: 'gpt2-medium', type: 'gpt2', settings: gpt2(24, 1024, 16) },
  { name: 'gpt2-large', type: 'gpt2', settings: gpt2(36, 1280, 20) },
  { name: 'gpt2-xl', type: 'gpt2', settings: gpt2(48, 1600, 25) },
  { name: 'opt-125m', type: 'opt', settings: {} },
  { name: 'pythia-70m', type: 'gpt_neox', settings: { ...neox(6, 512) } },
  { name: 'pythia-160m', type: 'gpt_neox', settings: neox(12, 768) },
  { name: 'pythia-410m', type: 'gpt_neox', settings: neox(24, 1024) },
  { name: 'Llama-2-7b', type: 'llama', settings: {} },
  {
    name: 'TinyLlama-1.1B',
    type: 'llama',
    settings: {
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 22,
      num_attention_heads: 32,
      num_key_value_heads: 4,
    },
  },
  { name: 'Mistral-7B-v0.1', type: 'mistral', settings: {} },
  {
    name: 'Qwen2.5-0.5B',
    type: 'qwen2',
    settings: {
      hidden_size: 896,
      intermediate_size: 4864,
      num_hidden_layers: 24,
      num_attention_heads: 14,
      num_key_value_heads: 2,
      tie_word_embeddings: true,
    },
  },
  { name: 't5-small', type: 't5', settings: {} },
  { name: 't5-base', type: 't5', settings: t5(768, 12, 12) },
  { name: 't5-large', type: 't5', settings: t5(1024, 24, 16) },
  { name: 'flan-t5-small', type: 't5', settings: flanT5(512, 1024, 8, 6) },
  { name: 'flan-t5-base', type: 't5', settings: flanT5(768, 2048, 12, 12) },
  { name: 'bart-base', type: 'bart', settings: bart(6, 768) },
  { name: 'bart-large', type: 'bart', settings: {} },
  { name: 'vit-base-patch16-224', type: 'vit', settings: {} },
  { name: 'vit-base-patch32-224', type: 'vit', settings: { patch_size: 32 } },
  { name: 'vit-large-patch16-224', type: 'vit', settings: bert(24, 1024) },
  { name: 'deit-base-patch16-224', type: 'vit', settings: {} },
  { name: 'swin-tiny-patch4-window7-224', type: 'swin', settings: {} },
  { name: 'convnext-tiny-224', type: 'convnext', settings: {} },
  { name: 'resnet-50', type: 'resnet', settings: {} },
  { name: 'clip-vit-base-patch32', type: 'clip', settings: {} },
  { name: 'dinov2-base', type: 'dinov2', settings: { image_size: 518 } },
  { name: 'wav2vec2-base', type: 'wav2vec2', settings: {} },
  { name: 'whisper-tiny', type: 'whisper', settings: {} },
  { name: 'whisper-base', type: 'whisper', settings: bart(6, 512) },
  { name: 'whisper-small', type: 'whisper', settings: bart(12, 768) },
  { name: 'whisper-medium', type: 'whisper', settings: bart(24, 1024) },
];

/**
 * What is published under a name on the hub, where it is among the commonest; what was trained further has its name with
 * more behind it, as `bert-large-uncased-finetuned-squad`.
 */
export function publishedConfiguration(name: string): PublishedConfiguration | undefined {
  const own = name.split('/').at(-1)!;
  const fits = PUBLISHED_CONFIGURATIONS.filter((each) => own === each.name || own.startsWith(`${each.name}-`));
  return fits.sort((a, b) => b.name.length - a.name.length)[0];
}
