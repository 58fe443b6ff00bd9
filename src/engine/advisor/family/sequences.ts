import { message } from '../../network';
import { convolvedDimensions, sizesIn } from '../view';
import { imported, type Recognizer } from './recognizer';

/** Tokens go in. */
export const language: Recognizer = {
  kind: 'language',
  recognize(seen) {
    const { data, input, attention, recurrence, convolved, outputs, view } = seen.traits;
    if (data !== 'tokens') return undefined;
    // Indices of users, items or categories are looked up one by one.
    const length = input?.shape[1];
    const steps = typeof length === 'number' ? length : 0;
    const single = view.network.inputs.every(({ dtype, shape }) => dtype !== 'int64' || shape.length < 2);
    if (single || (!attention && !recurrence && convolved === 0 && outputs[0]?.length === 2 && steps <= 4))
      return undefined;
    return message('family-language', 'Tokens go in.');
  },
};

/** Widths that frames of sound have: bands of mel scales and Fourier transforms. */
const BANDS = [13, 23, 26, 39, 40, 64, 80, 100, 128, 161, 201, 229, 256, 257, 512, 513, 1025];
/** Those of them that no embedding usually has. */
const MEL = [40, 80, 161, 201, 257, 513, 1025];
/** A wave of so many values is sound. */
const WAVE = 4000;
/** A vocoder makes so many values of each frame. */
const FRAME = 32;

/** Waves, or frames of bands. */
export const speech: Recognizer = {
  kind: 'speech',
  recognize(seen) {
    const { data, inputSize, outputSize, input, convolved, attention, recurrence, view } = seen.traits;
    const library = imported(
      seen,
      /^(torchaudio|librosa|speechbrain|espnet|nemo\.collections\.asr|soundfile|fairseq\.models\.wav2vec)\b/,
    );
    if (library) return message('family-speech-import', 'The file imports {library}.', { library });
    if (!input) return undefined;
    const length = inputSize?.sizes[0];
    if (data === 'signal' && inputSize && inputSize.channels <= 2 && length !== undefined && length >= WAVE)
      return message('family-speech-wave', 'A wave of {length} values goes in.', { length });
    if (data === 'vector' && convolved === 1 && Number(input.shape[1]) >= WAVE)
      return message('family-speech-wave', 'A wave of {length} values goes in.', { length: Number(input.shape[1]) });
    const made = outputSize?.sizes[0];
    if (
      data === 'signal' &&
      outputSize?.channels === 1 &&
      made !== undefined &&
      length !== undefined &&
      made >= FRAME * length
    )
      return message('family-speech-vocoder', 'Of each frame that goes in {count} values come out.', {
        count: Math.round(made / length),
      });
    // A spectrogram that is convolved as an image may have its bands first.
    const sizes = input.shape.slice(convolved > 1 ? 1 : 2);
    const bands =
      data === 'signal' ? inputSize?.channels : (sizes.find((size) => MEL.includes(size as number)) ?? sizes.at(-1));
    if (
      (data === 'signal' || data === 'steps') &&
      typeof bands === 'number' &&
      (attention || recurrence || convolved > 0)
    ) {
      const gated = view.network.calls.some((call) => {
        const groups = call.attributes.groups;
        return (
          convolvedDimensions(call) === 1 &&
          typeof groups === 'number' &&
          groups > 1 &&
          sizesIn(call, 'kernel_size').some((size) => size >= 7)
        );
      });
      if (MEL.includes(bands) || (gated && attention && BANDS.includes(bands)))
        return message('family-speech-frames', 'Frames of {bands} bands go in.', { bands });
    }
    return undefined;
  },
};

/** Measured series: what comes, or what kind they are. */
export const timeSeries: Recognizer = {
  kind: 'time series',
  recognize(seen) {
    const { data, view, convolved, attention, recurrence, inputSize } = seen.traits;
    const library = imported(
      seen,
      /^(pytorch_forecasting|darts|gluonts|neuralforecast|tslearn|aeon|sktime|yfinance)\b/,
    );
    if (library) return message('family-series-import', 'The file imports {library}.', { library });
    if (data === 'signal')
      return message('family-series-signal', 'Series of {channels} channels go in, through convolutions along them.', {
        channels: inputSize?.channels ?? 1,
      });
    if (data === 'steps' && view.network.task.kind === 'regression' && (attention || recurrence || convolved > 0))
      return message('family-series', 'Steps of numbers go in, and numbers come out.');
    return undefined;
  },
};

/** Anything else that comes step by step. */
export const sequence: Recognizer = {
  kind: 'sequence',
  recognize({ traits: { data, attention, recurrence } }) {
    if (data === 'steps' || attention || recurrence) return message('family-sequence', 'Data goes in step by step.');
    return undefined;
  },
};

/** What nothing else is. */
export const vector: Recognizer = {
  kind: 'vector',
  recognize: () => message('family-vector', 'Vectors go in.'),
};
