import { findLayer } from '../layers';
import { bindShape, elementCount, isBatchDim, type Network } from '../network';
import type { Program } from '../tensor';
import type { OwnData } from './data/ownData';
import { splitSamples } from './data/ownSamples';
import { type DataPlan, planData } from './data/plan';
import { type EvaluationProgram, evaluationProgram } from './programs/evaluation';
import { networkTarget } from './programs/leaves';
import { type RepresentationProgram, representationProgram } from './programs/representations';
import { type TrainingProgram, trainingProgram } from './programs/training';
import { trainModePass } from './programs/trainModePass';

/** Samples of the evaluation split, usually: what batch noise and dead channels are judged on. */
export const EVALUATION_SAMPLES = 256;
/** Evaluation runs in chunks of so many samples; in evaluation mode that changes no figure. */
const EVALUATION_CHUNK = 32;
const MOST_TRAINING_SAMPLES = 512;
/** Values of all samples of a split together, at most (but never fewer samples than a batch). */
const MOST_VALUES = 2 ** 24;

/**
 * From so many calls on care is taken at once: a gradient that passes them all may well leave what plain sums hold, and a
 * program of such length takes longer to open than to run.
 */
const DEEP = 600;

/** How many samples each split holds. */
export interface SampleCounts {
  readonly training: number;
  readonly evaluation: number;
  /** Whether large samples, or few of a person's own, made the evaluation split smaller than usual. */
  readonly limited: boolean;
}

/** Values of all inputs that one sample takes. */
export const valuesPerSample = ({ inputs }: Network): number =>
  inputs.reduce((sum, { shape }) => (shape.some(isBatchDim) ? sum + elementCount(bindShape(shape, 1)) : sum), 0);

/**
 * `own` is how many samples a person gives, where that limits them; `evaluated` how many are to be judged on, where a short
 * budget limits that.
 */
export function sampleCounts(
  network: Network,
  batch: number,
  steps: number,
  own?: number,
  evaluated: number = EVALUATION_SAMPLES,
): SampleCounts {
  const most = Math.max(batch, Math.floor(MOST_VALUES / Math.max(1, valuesPerSample(network))));
  if (own !== undefined) {
    // All that the steps take, as far as there are more than are needed for judging; else half and half.
    const evaluation = Math.min(Math.max(evaluated, batch), most, Math.floor(own / 2));
    const training = Math.min(Math.max(evaluated, steps * batch), most, own - evaluation);
    return { training, evaluation, limited: evaluation < evaluated };
  }
  const wanted = Math.max(evaluated, Math.min(steps * batch, MOST_TRAINING_SAMPLES), batch);
  return {
    training: Math.min(wanted, most),
    evaluation: Math.min(Math.max(evaluated, batch), most),
    limited: most < evaluated,
  };
}

/** Whether a layer behaves otherwise in training than in evaluation. */
const dependsOnMode = (network: Network): boolean =>
  network.calls.some(({ kind, attributes }) => {
    const row = findLayer(kind);
    return row?.role === 'dropout' || Number(attributes.dropout ?? 0) > 0 || row?.batchStatistics?.(attributes);
  });

/** A network's programs at one batch size, each compiled when it is first asked for. */
export class CompiledProbe {
  /** Starts, by how their weights are drawn, whose figures plain sums cannot hold: what one training found, for the next. */
  readonly needCare = new Set<string>();
  readonly samples: SampleCounts;
  readonly chunk: number;
  readonly #steps: number;
  #training: TrainingProgram | undefined;
  #carefulTraining: TrainingProgram | undefined;
  #evaluation: EvaluationProgram | undefined;
  #representations: RepresentationProgram | undefined;
  #pass: Program | undefined;
  #plan: DataPlan | undefined;
  #split: ReturnType<typeof splitSamples> | undefined;

  /** @throws InputError for a network that neither synthetic nor the person's own data (`own`) can be fed to. */
  constructor(
    readonly network: Network,
    readonly batch: number,
    steps: number,
    readonly own?: OwnData,
    evaluated?: number,
    training?: number,
  ) {
    this.#steps = steps;
    this.#plan = own ? undefined : planData(network, networkTarget(network));
    const counts = sampleCounts(network, batch, steps, own?.samples, evaluated);
    this.samples = training === undefined ? counts : { ...counts, training };
    this.chunk = Math.min(EVALUATION_CHUNK, this.samples.evaluation);
  }

  /** What synthetic data is; of own data for inputs that have no batch. */
  get plan(): DataPlan {
    this.#plan ??= planData(this.network, networkTarget(this.network));
    return this.#plan;
  }

  /** Which of the person's own samples are trained on, and which are judged by. */
  get split(): { readonly training: Uint32Array; readonly evaluation: Uint32Array } {
    this.#split ??= splitSamples(this.own?.samples ?? 0, this.samples);
    return this.#split;
  }

  /** The same, judged on fewer samples: what is compiled of its training is not compiled again. */
  judgedOn(evaluated: number): CompiledProbe {
    const fewer = new CompiledProbe(this.network, this.batch, this.#steps, this.own, evaluated, this.samples.training);
    fewer.#training = this.#training;
    fewer.#carefulTraining = this.#carefulTraining;
    return fewer;
  }

  get training(): TrainingProgram {
    if (this.network.calls.length > DEEP) return this.carefulTraining;
    this.#training ??= trainingProgram(this.network, this.batch, this.samples.training, 'plain');
    return this.#training;
  }

  /** The same training, measured with more passes: where values were too small or too alike for the plain sums. */
  get carefulTraining(): TrainingProgram {
    this.#carefulTraining ??= trainingProgram(this.network, this.batch, this.samples.training, 'careful');
    return this.#carefulTraining;
  }

  get evaluation(): EvaluationProgram {
    this.#evaluation ??= evaluationProgram(this.network, this.chunk, this.samples.evaluation);
    return this.#evaluation;
  }

  /** One pass over the first samples of the evaluation split: how many directions each layer's outputs vary in. */
  get representations(): RepresentationProgram {
    this.#representations ??= representationProgram(this.network, this.chunk, this.samples.evaluation);
    return this.#representations;
  }

  /** What runs in the training's process once or twice: a probe's memory is the most that any of them takes. */
  get evaluations(): readonly Program[] {
    return [this.evaluation.program, this.representations.program];
  }

  /** Passes in training mode over a split; undefined where training mode changes nothing. */
  passOver(split: 'training' | 'evaluation'): Program | undefined {
    if (!dependsOnMode(this.network)) return undefined;
    // Both splits go through one program where they are of one size.
    if (split === 'evaluation' && this.samples.evaluation !== this.samples.training) {
      this.#evaluationPass ??= trainModePass(this.network, this.batch, this.samples.evaluation);
      return this.#evaluationPass;
    }
    this.#pass ??= trainModePass(this.network, this.batch, this.samples.training);
    return this.#pass;
  }

  #evaluationPass: Program | undefined;
}
