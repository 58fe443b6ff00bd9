import type { Span, Unmodelled } from '../../network';
import type { ModelNode } from '../../onnx';

/** Names that PyTorch's exporters give to a convolution's tensors when they fold a BatchNorm into them. */
const FOLDED = /^onnx::Conv_\d+$|\.weight_bias$/;

/** Says that the exporter made convolutions of BatchNorms: the file no longer holds what the model trains with. */
export function foldedNorms(nodes: readonly ModelNode[], source: Span): readonly Unmodelled[] {
  const count = nodes.filter(
    ({ op, inputs }) => /^Conv/.test(op) && inputs.slice(1).some((name) => FOLDED.test(name)),
  ).length;
  if (count === 0) return [];
  return [
    {
      what: 'BatchNorm',
      why:
        `the exporter folded norms into ${count} of the convolutions; export with dynamo=False, ` +
        'training=torch.onnx.TrainingMode.PRESERVE and the model in train(), to see them',
      source,
    },
  ];
}
