import type { Span } from './span';

/** What a file says, and where. */
export interface Fact<T> {
  readonly value: T;
  readonly source: Span;
}

/** The loader that feeds training. */
export interface TrainingLoader {
  /** Undefined where it is not known before running. */
  readonly batchSize?: number;
  readonly dropLast: boolean;
  readonly shuffle: boolean;
}

/** Where trained weights come from. */
export interface Pretraining {
  readonly how: 'weights' | 'pretrained' | 'from_pretrained' | 'load_state_dict';
  /** It stands under a condition: `if args.resume:`. */
  readonly conditional: boolean;
}

/** Arithmetic with fewer bits than float32. */
export interface ReducedPrecision {
  readonly type: 'float16' | 'bfloat16';
  /** By autocast, or the model's own values turned into it. */
  readonly by: 'autocast' | 'model';
}

/** Training on several devices. */
export interface Distribution {
  readonly kind: 'DataParallel' | 'DistributedDataParallel' | 'FullyShardedDataParallel';
  /** It stands under a condition: `if args.distributed:`. */
  readonly conditional: boolean;
}

export interface LearningRateSchedule {
  /** PyTorch's class, or the function that makes it or computes the rate. */
  readonly kind: string;
  readonly warmup: boolean;
}

/** A loop over data held out from training, in which the model is called. */
export interface EvaluationLoop {
  /** Whether `eval()` is called before it: by its function, or by who calls that. */
  readonly evaluates: boolean;
  /** Whether no gradients are kept: `torch.no_grad()`. */
  readonly withoutGradients: boolean;
}

/** What a call of a loss is given. */
export interface LossInput {
  /** Names of the model that it comes from: the variable, and the classes or functions that made it. */
  readonly models: readonly string[];
  /** Functions and methods applied between the model and the loss, by their last names: `sigmoid`, `squeeze`. */
  readonly through: readonly string[];
}

/** Something that the reader took for granted where the file does not say it. */
export interface Assumption {
  readonly what: string;
  readonly why: string;
  readonly source: Span;
}

/**
 * What a file says around its model, for the probe's defaults and for rules. What is absent the file does not say: it may
 * stand elsewhere. Loss, optimizer and batch have places of their own in the Network; here is where they are written.
 */
export interface Surroundings {
  readonly loader?: Fact<TrainingLoader>;
  readonly epochs?: Fact<number>;
  /** How many steps of the optimizer the file takes, where its loops alone say that. */
  readonly steps?: Fact<number>;
  /** Every loss and every optimizer that the file makes, by full name. */
  readonly losses: readonly Fact<string>[];
  /** Every call of a loss whose first argument is followed to a call of a model. */
  readonly lossInputs: readonly Fact<LossInput>[];
  readonly optimizers: readonly Fact<string>[];
  /** Over how many batches gradients are added before a step. */
  readonly accumulation?: Fact<number>;
  readonly precision?: Fact<ReducedPrecision>;
  /** A scaler of the loss, as float16 needs it. */
  readonly gradientScaling?: Fact<true>;
  readonly distribution?: Fact<Distribution>;
  /** BatchNorm is turned into SyncBatchNorm. */
  readonly synchronizedNorms?: Fact<true>;
  /** A gradient is differentiated: `torch.autograd.grad(…, create_graph=True)`. */
  readonly gradientPenalty?: Fact<true>;
  /** DP-SGD: each sample's gradient is clipped by itself. */
  readonly differentialPrivacy?: Fact<true>;
  readonly pretrained: readonly Fact<Pretraining>[];
  /** Calls of `train()` and `eval()`, in the file's order. */
  readonly modes: readonly Fact<'train' | 'eval'>[];
  readonly evaluations: readonly Fact<EvaluationLoop>[];
  readonly schedule?: Fact<LearningRateSchedule>;
  /** What is imported of packages other than the framework, by full name: `torchvision.datasets.CIFAR10`, `gymnasium`. */
  readonly imports?: readonly Fact<string>[];
  readonly assumptions: readonly Assumption[];
}
