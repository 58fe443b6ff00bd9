import type { Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import {
  bool,
  builtin,
  type ClassValue,
  float,
  type InstanceValue,
  int,
  NONE,
  repr,
  string,
  unknown,
  type Value,
} from '../python/values';

/** A usual value of an argument by its name. `plain` of blocks rather than whole models: channels as inside a network. */
type Usual = (plain: boolean) => Value;

const whole =
  (number: number, plain = number): Usual =>
  (isPlain) =>
    int(isPlain ? plain : number);

/** Usual values by the argument's name in lower case without underscores, the first that matches. Sizes divide each other. */
const USUAL: readonly (readonly [RegExp, Usual])[] = [
  [
    /^(num|n)?(classes|class|labels|label|nclass|categories|cls|targets)(num|count)?$|^(nc|nclasses|classnum|outclasses)$/,
    whole(10),
  ],
  [
    /vocab(ulary)?(size|len)?$|^(n|num)?(tokens?|words?|embeddings|characters|chars)$|^ntokens?$|^(input|output|src|tgt|trg|enc|dec)(voc|vocab|vocabsize)$/,
    whole(1000),
  ],
  [
    /^(max)?(seq|sequence|context|block|text|input|ctx)(uence)?(len|length|size)$|^(seqlen|maxlen|maxlength|maxseqlen|maxseqlength|contextlength|blocksize|maxlenght|lookback|nctx|windowsize|window|maxposition(s|embeddings)?)$/,
    whole(64),
  ],
  [/^(pred|label|forecast|output)(len|length)$|^horizon$|^forecasthorizon$/, whole(16)],
  [/^(n|num)?(frames|timesteps|steps|segments)$/, whole(16)],
  [
    /^(image|img|input|in)?(size|resolution|res)$|^(imagesize|imgsize|inputresolution|imgres|imgdim|imagedim|imageheight|imagewidth|imgheight|imgwidth|height|h|w)$/,
    whole(224, 32),
  ],
  [/^frame(patch)?size$|^temporalpatchsize$/, whole(2)],
  [/^(image|img|spatial)?patch(size|height|width|dim)?$/, whole(16, 4)],
  [
    /^(in|input|img|image|n|num|color|colour|im)(put)?(channels?|chans|nc|planes|ch|c|channelsize)$|^(channels?|inputnc|inchans|inch|nchannels|cin|imgch|channel(s)?(img|in)|imgchannels|imagechannels|channelsimg)$/,
    whole(3, 64),
  ],
  [
    /^(out|output|n|num|mid|base|hidden|inter|conv|skip|res|residual)?(channels?|planes|filters|outc|chans|ch|nc|features?maps?|width)$|^(outchannels|cout|ngf|ndf|nf|nfilters|nfeat|nfeats|inplanes|outplanes|featuresd|featuresg|basechannels|hiddenchannels|growthrate)$/,
    whole(64),
  ],
  [/^(n|num)?(attention|attn)?heads?$|^(nhead|nheads|numattentionheads|headnum|headcount|h)$/, whole(4)],
  [/^(head|key|value)dim$|^dimhead$|^d(k|v|q|head)$/, whole(32)],
  [
    /^(n|num|encoder|decoder|enc|dec|transformer|lstm|rnn|gru|hidden|e|d)*(layers|depth|blocks|nlayers?)$|^(depth|numhiddenlayers|nlayer|nblocks|layercount|nresidualblocks|nresblocks|n)$/,
    whole(2),
  ],
  [
    /(mlp|ff|feedforward|ffn|inner|intermediate)(dim|hid|hidden|dimension|hiddendim|size)?$|^(dff|dimfeedforward|dimff|dinner|nhid|pfdim|forwardexpansion)$/,
    whole(256),
  ],
  [
    /^(z|latent|noise|code|nz|bottleneck)(dim|size|dims|dimension|vector|vectorsize)?$|^(latentspace|dimz|zdim|nz)$/,
    whole(64),
  ],
  [
    /^(state|obs|observation)s?(dim|size|dims|shape|space)?$|^(numinputs|ninputs|nobservations|numstates|inputshape|instates|nstates|nobs)$/,
    whole(8),
  ],
  [/^(action|act|n|num)s?(actions?|dim|size|dims|space)$|^(numactions|nactions|numoutputs)$/, whole(4)],
  [
    /^(output|out|n|num|target)s?(dim|size|dims|features?|outputs?|units|feats)$|^(outputsize|nout|odim|dout|cout)$/,
    whole(10),
  ],
  [
    /^(input|in|feature|feat|n|num|enc|dec|c)+(dim|size|dims|features?|inputs?|feats|in|variables)$|^(features?|inputs?|feats|variables|inputsize|ninp|nin|idim|din|encin|decin|nfeat)$/,
    whole(32),
  ],
  [
    /(embed|embedding|emb|model|hidden|hid|token|text|d)?(dim|dims|size|units|dimension|width|channels)$|^(dmodel|nembd|nembed|nemb|hiddensize|emsize|ninp|embed|embdim|embeddings?|modeldim|hidden|units|dims?|width|d)$/,
    whole(128),
  ],
  [/^kernel(size|s)?$|^(k|ks|ksize)$/, whole(3)],
  [
    /^(stride|strides|s|padding|pad|p|dilation|groups|d|reduction|expansion|expand(ratio|factor)?|widthmult|multiplier)$/,
    whole(1),
  ],
  [/^(up|down)?(scale|upscale|upscaling|downscale)(factor|ratio)?$|^factor$/, whole(2)],
  [/drop(out)?(rate|prob|p|path|ratio|pathrate|out)?$/, () => float(0.1)],
  [/^(maxaction|actionbound|actionscale|alpha|beta|gamma|temperature|tau|scale)$/, () => float(1)],
  [/^(bias|usebias|qkvbias)$/, () => bool(true)],
  [/^(rnn|cell)type$/, () => string('LSTM')],
  [/^device$/, () => string('cpu')],
  [/^(env|environment)(name|id|tag)?$/, () => string('CartPole-v1')],
  [/^(act|activation|actfn|nonlinearity)$/, () => string('relu')],
];

/** Usual values by one word of a name that is not usual as a whole: `cls_depth`, `dec_head_depth`, `ff_mult`. */
const BY_WORD: readonly (readonly [RegExp, Usual])[] = [
  [/^(eps|epsilon)$/, () => float(1e-5)],
  [/^(prob|probability|dropout)$/, () => float(0.1)],
  [/^(ratio|fraction|threshold|momentum|decay)$/, () => float(0.5)],
  [/^(alpha|beta|gamma|lambda|temperature|tau|scale|scaling|sigma|std)$/, () => float(1)],
  [
    /^(depths?|layers?|blocks?|repeats?|hierarchies|stages?|levels?|iterations|mult|multiplier|factor|expansion)$/,
    whole(2),
  ],
  [/^(heads?|groups?|experts?|branches)$/, whole(4)],
  [/^(kernels?)$/, whole(3)],
  [/^(strides?|padding|dilation)$/, whole(1)],
  [/^(steps?|elems|elements|tokens?|frames?|len|length|memories|registers|queries|slots)$/, whole(16)],
  [/^(classes|labels)$/, whole(10)],
  [/^(c|d|dims?|channels?|chans|features?|units|width|hidden|planes|embed|embedding|emb|filters?|size)$/, whole(64)],
];

/** A value that an argument of that name usually has; undefined where its name says too little. */
export function usualValue(name: string, plain: boolean): Value | undefined {
  const key = name.toLowerCase().replaceAll('_', '');
  const row = USUAL.find(([names]) => names.test(key));
  if (row) return row[1](plain);
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\d]+/);
  return BY_WORD.find(([names]) => words.some((word) => names.test(word)))?.[1](plain);
}

/** Names that a model's settings go by. */
export const SETTINGS =
  /^(cfg|conf|configs?|args|opts?|options|hparams?|hp|params|hyper_?params|model_?(args|config|cfg))$/i;

/** What an assumption about one argument reads like. */
export const assumedWords = (name: string, value: Value): string => {
  const shown =
    value.type === 'int' || value.type === 'float'
      ? String(value.value)
      : value.type === 'bool'
        ? value.value
          ? 'True'
          : 'False'
        : value.type === 'string'
          ? `'${value.value}'`
          : value.type === 'tuple' || value.type === 'list'
            ? repr(value)
            : 'a usual value';
  return `${shown} is assumed, a usual value for that name; give --set ${name}=…`;
};

/** An object that stands for settings nobody gives: each that is asked for has a usual value, or is not known. */
export function assumedSettings(of: string, plain: boolean, source: Span, run: Evaluation): InstanceValue {
  const resolution: ClassValue[] = [];
  const asked = (key: Value | undefined, site: Span): Value => {
    if (key?.type !== 'string') return unknown('the name of a setting is not known', site);
    const own = made.attributes.get(key.value);
    if (own) return own;
    const given = run.given.get(key.value);
    if (given) run.used.add(key.value);
    const value =
      given ??
      usualValue(key.value, plain) ??
      unknown(`nobody says the setting ${key.value}; give --set ${key.value}=…`, site);
    if (!given && value.type !== 'unknown')
      run.note(unknown(`nobody says it; ${assumedWords(key.value, value)}`, source), `${of}'s setting ${key.value}`);
    made.attributes.set(key.value, value);
    return value;
  };
  const row = (name: string, get: (args: readonly Value[], site: Span) => Value) =>
    [name, builtin(name, (args, site) => get(args.positional, site))] as const;
  const settings: ClassValue = {
    type: 'class',
    name: 'settings',
    resolution,
    attributes: new Map<string, Value>([
      row('__getattr__', ([, key], site) => asked(key, site)),
      row('__getitem__', ([, key], site) => asked(key, site)),
      row('get', ([, key, fallback = NONE], site) => {
        const value = asked(key, site);
        return value.type === 'unknown' ? fallback : value;
      }),
    ]),
  };
  resolution.push(settings);
  const made: InstanceValue = { type: 'instance', class: settings, attributes: new Map() };
  return made;
}

/**
 * What stands for a size or settings that a script computes, or is given, only when it runs; undefined for anything else.
 * What the person says by `--set` comes first.
 */
export function usualArgument(
  name: string,
  of: ClassValue,
  site: Span,
  run: Evaluation,
): { value: Value; words: string } | undefined {
  const given = run.given.get(name);
  if (given) run.used.add(name);
  if (given) return { value: given, words: '' };
  if (SETTINGS.test(name)) return { value: assumedSettings(of.name, false, site, run), words: '' };
  const value = usualValue(name, false);
  return value?.type === 'int' || value?.type === 'float' ? { value, words: assumedWords(name, value) } : undefined;
}
