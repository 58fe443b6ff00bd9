import type { BuiltinTable } from '../../python/builtins/row';
import { unread } from '../../python/evaluator/importing';
import {
  argument,
  asNumber,
  bound,
  dict,
  int,
  type ModuleValue,
  NONE,
  positional,
  string,
  tensor,
  unknown,
  type Value,
} from '../../python/values';
import { parsedText } from '../settings';
import { pathText } from '../settings/paths';
import { record } from './training';

// What ultralytics reads of its own package: models are lists of layers in YAML files, found by the model's name.

/** Where a model's description lies in the package, by the names that its file may have. */
function placesOf(name: string): string[] {
  const file = name.split('/').at(-1)!;
  // The letter behind the version is the size, which the file itself says for each: yolov8x.yaml is yolov8.yaml.
  const plain = file.replace(/(\d+)([nslmxtcbe])(?=[-.])/, '$1');
  const version = /(?:yoloe?-?|rtdetr)-?(v?\d+)/.exec(plain)?.[1] ?? '';
  const folders = [version, version.replace(/^v/, ''), `v${version}`, 'rt-detr'];
  return [name, ...[file, plain].flatMap((each) => folders.map((folder) => `cfg/models/${folder}/${each}`))];
}

/** The size that a model's name says, one of its description's scales. */
const scaleOf = (name: string): string => /yolo(?:e-)?v?\d+([nslmx])/.exec(name)?.[1] ?? '';

/** Functions of ultralytics by their full names. */
export const ultralyticsFunctions: BuiltinTable = {
  /** What it prints of a model. */
  'ultralytics.utils.torch_utils.model_info': () => NONE,
  'ultralytics.utils.torch_utils.get_flops': () => NONE,
  'ultralytics.nn.tasks.yaml_model_load': (args, site, run): Value => {
    const given = argument(args, 0);
    if (given.type === 'unknown') return given;
    const name = given.type === 'string' ? given.value : undefined;
    if (name === undefined) return unknown('which description of a model this is is not known before running', site);
    for (const place of placesOf(name)) {
      const text = run.imports.configuration(place, run.document) ?? run.imports.packaged('ultralytics', place);
      const model = text === undefined ? undefined : parsedText(place, text, site);
      if (model?.type !== 'dict') continue;
      const entries = [...model.entries.values()].map(({ key, value }) => [key, value] as const);
      return dict([...entries, [string('scale'), string(scaleOf(name))], [string('yaml_file'), string(name)]]);
    }
    return run.unmodelled('yaml_model_load', `there is no ${name} beside the file or in the package`, site);
  },
};

/** Its class for models of a name or YAML file, under the names that scripts import it by. */
export const isYolo = (path: string): boolean => /^ultralytics\.(models\.)?((yolo|rtdetr)\.)?(YOLO|RTDETR)$/.test(path);

const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/-seg\b|^segment$/, 'SegmentationModel'],
  [/-pose\b|^pose$/, 'PoseModel'],
  [/-obb\b|^obb$/, 'OBBModel'],
  [/-cls\b|^classify$/, 'ClassificationModel'],
  [/rtdetr/, 'RTDETRDetectionModel'],
  [/-world/, 'WorldModel'],
];

/** The class of ultralytics.nn.tasks that a task, or else a model's name, asks for. */
const classFor = (name: string, task: Value | undefined): string =>
  CLASSES.find(([pattern]) => pattern.test(task?.type === 'string' ? task.value : name))?.[1] ?? 'DetectionModel';

/** `YOLO('yolov8n.yaml')`: a module around the network that its package describes; a name of weights says which it is. */
export const yolo: BuiltinTable = {
  __init__(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const init = run.attribute(run.library('torch.nn.Module'), '__init__', site);
    run.call(init, positional(module), site);
    const { model = string('yolo26n.pt'), task } = bound(
      { ...args, positional: args.positional.slice(1) },
      'model',
      'task',
    );
    const path = 'ultralytics.nn.tasks';
    const file = run.imports.find(path, run.document);
    const name = pathText(model);
    if (!file || name === undefined) {
      const why = file ? 'which model it is is not known before running' : `it is not modelled${unread(path, run)}`;
      module.opaque = run.unmodelled('YOLO', why, site);
      return NONE;
    }
    const of = run.imports.member(file, classFor(name, task)) ?? NONE;
    const made = run.call(of, positional(string(name.replace(/\.pt$/, '.yaml'))), site);
    run.setAttribute(module, 'model', made, site);
    if (name.endsWith('.pt'))
      run.findings.assumptions.push({
        what: `the weights ${name}`,
        why: 'they are not read: the network is as its name says, and begins as a new one',
        source: site,
      });
    return NONE;
  },
  forward: (args, site, run) =>
    run.call(run.attribute(argument(args, 0), 'model', site), { ...args, positional: args.positional.slice(1) }, site),
  /** How its trainer feeds it. */
  train(args, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const batch = args.keywords.get('batch') ?? int(16);
    const size = asNumber(args.keywords.get('imgsz') ?? int(640));
    record('torch.utils.data.DataLoader', { positional: [], keywords: new Map([['batch_size', batch]]) }, site, run);
    const count = asNumber(batch);
    if (size !== undefined && count !== undefined && count > 0) {
      const images = tensor([count, 3, size, size], { kind: 'fresh', source: site });
      run.findings.examples.push({ module, positional: [images], keywords: new Map(), site });
    }
    return module;
  },
  ...Object.fromEntries(
    ['val', 'predict', 'track', 'export', 'benchmark', 'info', 'fuse', 'tune', 'load', 'add_callback'].map((name) => [
      name,
      (args: Parameters<BuiltinTable[string]>[0]) => argument(args, 0),
    ]),
  ),
};
