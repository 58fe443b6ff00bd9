import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import {
  argument,
  bool,
  bound,
  builtin,
  FALSE,
  float,
  int,
  NONE,
  positional,
  TRUE,
  tuple,
  type Value,
} from '../../python/values';
import { expertsImplementation } from './experts';
import { fromConfig, fromPretrained } from './pretrained';

const itself: (args: Parameters<BuiltinRow>[0]) => Value = (args) => argument(args, 0);

const isCode = ({ type }: Value): boolean => type === 'function' || type === 'class' || type === 'builtin';

/** A decorator that changes nothing that is modelled, with arguments of its own or without. */
const decorator: BuiltinRow = (args) => {
  const first = argument(args, 0);
  return isCode(first) && args.keywords.size === 0 ? first : builtin('decorator', itself);
};

/** A function that gives such a decorator, whatever it is given. */
const decoratorOf: BuiltinRow = () => builtin('decorator', itself);

const isTensor: BuiltinRow = (args) => bool(argument(args, 0).type === 'tensor');

const no: BuiltinRow = () => FALSE;

/** No mask: nothing is padded. */
const noMask: BuiltinRow = () => NONE;

/**
 * No mask where PyTorch's own attention is told that it is causal; else one to add: the least number above the diagonal.
 * A window of a sliding one is taken to be as long as the sequence.
 */
const causalMask: BuiltinRow = (args, site, run) => {
  const { config = NONE, inputs_embeds } = bound(args, 'config', 'inputs_embeds');
  const embedded = inputs_embeds ?? args.keywords.get('input_embeds');
  const kind = run.findAttribute(config, '_attn_implementation', site);
  const length = embedded?.type === 'tensor' ? embedded.shape?.[1] : undefined;
  if (kind?.type !== 'string' || kind.value !== 'eager' || typeof length !== 'number') return NONE;
  const call = (name: string, ...given: Value[]) => run.call(run.library(`torch.${name}`), positional(...given), site);
  const full = call('full', tuple([int(1), int(1), int(length), int(length)]), float(LEAST));
  return call('triu', full, int(1));
};

/** The least number of float32, as `torch.finfo(torch.float32).min`. */
const LEAST = -3.4028234663852886e38;

/**
 * Names of Hugging Face's libraries, whatever file of theirs defines them, whose own code is about something else than the
 * network: documentation, hooks that collect outputs, kernels for a machine's processor, masks of padding.
 */
export const huggingFace: BuiltinTable = {
  add_code_sample_docstrings: decoratorOf,
  auto_class_update: itself,
  add_end_docstrings: decoratorOf,
  add_start_docstrings: decoratorOf,
  add_start_docstrings_to_model_forward: decoratorOf,
  replace_return_docstrings: decoratorOf,
  auto_docstring: decorator,
  can_return_tuple: decorator,
  check_model_inputs: decorator,
  merge_with_config_defaults: decorator,
  deprecate_kwarg: decoratorOf,
  dynamic_rope_update: decorator,
  use_kernel_forward_from_hub: decoratorOf,
  use_kernel_func_from_hub: decoratorOf,
  use_kernelized_func: decoratorOf,
  use_experts_implementation: expertsImplementation,
  create_bidirectional_mask: noMask,
  create_causal_mask: causalMask,
  create_bidirectional_sliding_window_mask: noMask,
  create_sliding_window_causal_mask: causalMask,
  maybe_autocast: () => NONE,
  from_pretrained: fromPretrained,
  _from_config: fromConfig,
  ContextManagers: () => NONE,
  warn_if_padding_and_no_attention_mask: () => NONE,
  is_torch_available: () => TRUE,
  is_torch_greater_or_equal: () => TRUE,
  is_torchdynamo_compiling: no,
  is_torch_fx_proxy: no,
  is_tracing: no,
  is_jit_tracing: no,
  is_tensor: isTensor,
  is_torch_tensor: isTensor,
  _register_model_output_pytree_node: () => NONE,
};

/** `is_flash_attn_2_available` and the like: nothing but PyTorch is there. */
export const isOptionalPackage = (name: string): boolean =>
  /^is_\w+_available$/.test(name) && name !== 'is_torch_available';
