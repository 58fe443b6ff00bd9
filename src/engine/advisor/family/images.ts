import { message } from '../../network';
import { imported, losesBy, type Recognizer, type Seen } from './recognizer';
import { enlargement, isPicture, isScore, isVector, takesImages } from './shapes';

const CLASSES = /cross_?entropy|NLLLoss|nll_loss|BCE|dice|focal|jaccard|tversky/i;

/** A second input with one number a sample: the time step of a diffusion. */
const takesTime = ({ traits: { view, input } }: Seen): boolean =>
  view.network.inputs.some(
    (other) => other !== input && (other.shape.length === 1 || (other.shape.length === 2 && other.shape[1] === 1)),
  );

/** Pictures come out as large as they went in. */
const isTranslation = (seen: Seen): boolean => {
  const { inputSize, outputSize } = seen.traits;
  return (
    takesImages(seen.traits) &&
    enlargement(seen.traits) === 1 &&
    inputSize !== undefined &&
    outputSize !== undefined &&
    isPicture(inputSize.channels) &&
    outputSize.channels === inputSize.channels &&
    !losesBy(seen, CLASSES)
  );
};

/** A picture of a vector; a picture through one; a picture of noise and a time step; another picture, skips across. */
export const generativeImage: Recognizer = {
  kind: 'generative image',
  recognize(seen) {
    const { traits } = seen;
    const { outputSize, data, up, bottleneck, skips, inputSize, residual } = traits;
    const makesMaps = outputSize !== undefined && outputSize.sizes.length >= 2;
    if (makesMaps && data === 'vector')
      return message('family-generative-latent', 'A vector goes in, and {channels} channels of an image come out.', {
        channels: outputSize.channels,
      });
    const one = inputSize?.sizes.every((size) => size === 1);
    if (makesMaps && one && up)
      return message('family-generative-latent', 'A vector goes in, and {channels} channels of an image come out.', {
        channels: outputSize.channels,
      });
    if (!takesImages(traits) || !makesMaps) return undefined;
    if (imported(seen, /^diffusers\b/)) return message('family-generative-import', 'The file imports diffusers.');
    if (takesTime(seen) && enlargement(traits) === 1)
      return message(
        'family-generative-time',
        'An image and one number a sample (a time step) go in, an image of that size comes out.',
      );
    if (!isTranslation(seen) && !(skips && picturesOut(seen))) return undefined;
    if (bottleneck)
      return message(
        'family-generative-code',
        'An image goes in, through one vector, and an image of that size comes out.',
      );
    if (skips && up)
      return message(
        'family-generative-translation',
        'An image goes in and another of that size comes out, with skips across.',
      );
    if (up && traits.down && !residual)
      return message('family-generative-autoencoder', 'An image is made smaller and larger again, without skips.');
    return undefined;
  },
};

/** Three channels or more of another picture, and no classes. */
const picturesOut = (seen: Seen): boolean => {
  const { inputSize, outputSize } = seen.traits;
  return (
    enlargement(seen.traits) === 1 &&
    inputSize?.channels !== undefined &&
    outputSize?.channels === 3 &&
    !losesBy(seen, CLASSES)
  );
};

/** A picture of the same size through strided layers, residual blocks, and up again. */
export const style: Recognizer = {
  kind: 'style',
  recognize(seen) {
    const { down, up, residual, skips, bottleneck, view } = seen.traits;
    if (!isTranslation(seen) || takesTime(seen)) return undefined;
    const styled = view.network.calls.some(({ kind }) => kind === 'AdaIN');
    if (styled || (down && up && residual && !skips && !bottleneck))
      return message(
        'family-style',
        'An image is made smaller, goes through residual blocks, and comes out at its own size.',
      );
    return undefined;
  },
};

/** A larger picture comes out, or one of the same size that was never made smaller. */
export const superResolution: Recognizer = {
  kind: 'super-resolution',
  recognize(seen) {
    const { traits } = seen;
    const { inputSize, outputSize, down, data } = traits;
    if (data !== 'image' || !inputSize || !outputSize || losesBy(seen, CLASSES)) return undefined;
    const factor = enlargement(traits);
    const pictures = isPicture(inputSize.channels) && isPicture(outputSize.channels);
    if (factor !== undefined && factor > 1 && pictures && inputSize.sizes.every((size) => size > 1))
      return message('family-super-resolution', 'An image comes out {factor} times as large as it went in.', {
        factor,
      });
    if (isTranslation(seen) && !down && !takesTime(seen) && factor === 1)
      return message('family-restoration', 'An image comes out at its own size, and is never made smaller in between.');
    return undefined;
  },
};

/** Maps of classes, of boxes, or several outputs of an image. */
export const denseImage: Recognizer = {
  kind: 'detection and segmentation',
  recognize(seen) {
    const { traits } = seen;
    const { outputs, outputSize, view } = traits;
    if (!takesImages(traits)) return undefined;
    const library = imported(
      seen,
      /^(torchvision\.(models\.)?(detection|segmentation)|segmentation_models_pytorch|mmdet|mmseg|detectron2|ultralytics|pycocotools|torchvision\.datasets\.(CocoDetection|VOC\w+|Cityscapes))/,
    );
    if (library) return message('family-dense-import', 'The file imports {library}.', { library });
    if (outputs.length > 1 && outputs.some((shape) => shape.length >= 3))
      return message('family-dense-several', 'An image goes in, and {count} maps or lists come out.', {
        count: outputs.length,
      });
    // Boxes or classes of each position, flattened into a list.
    if (outputs[0]?.length === 3 && !view.network.inputs.some(({ shape }) => shape.length === 3))
      return message('family-dense-list', 'An image goes in, and a list of predictions comes out.');
    const size = outputSize?.sizes;
    if (size && size.length >= 2 && size.some((one) => one > 1))
      return message('family-dense', 'An image goes in, and a map of {channels} channels comes out.', {
        channels: outputSize.channels,
      });
    return undefined;
  },
};

/** One vector of an image. */
export const imageClassification: Recognizer = {
  kind: 'image classification',
  recognize({ traits }) {
    const [output] = traits.outputs;
    if (!takesImages(traits) || !isVector(output)) return undefined;
    return isScore(output)
      ? message('family-image-score', 'An image goes in, and one number comes out.')
      : message('family-image-classification', 'An image goes in, and {count} scores come out.', {
          count: output![1] as number,
        });
  },
};
