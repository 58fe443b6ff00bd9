import type { Evaluation } from '../../python/evaluator';
import { asNumber, type RecordValue, truth, type Value } from '../../python/values';

/** What images the script's data set gives. */
export interface DatasetImages {
  readonly channels: number;
  readonly side: number;
  /** `MNIST, line 93`. */
  readonly origin: string;
}

/** Channels and side of the images of a data set, by its class; null where its images differ in size. */
const IMAGES: Readonly<Record<string, readonly [channels: number, side: number | null]>> = {
  MNIST: [1, 28],
  FashionMNIST: [1, 28],
  KMNIST: [1, 28],
  QMNIST: [1, 28],
  EMNIST: [1, 28],
  USPS: [1, 16],
  CIFAR10: [3, 32],
  CIFAR100: [3, 32],
  SVHN: [3, 32],
  STL10: [3, 96],
  ImageNet: [3, null],
  ImageFolder: [3, null],
  CelebA: [3, null],
  LSUN: [3, null],
  Food101: [3, null],
  Flowers102: [3, null],
  OxfordIIITPet: [3, null],
  StanfordCars: [3, null],
  Caltech101: [3, null],
  Caltech256: [3, null],
  FakeData: [3, 224],
};

const nameOf = ({ path }: RecordValue): string => path.split('.').at(-1)!;

/** The side that a transform leaves; undefined where it leaves the size as it was, or one that is not known. */
function sideOf(transform: RecordValue): number | undefined {
  if (!/^(RandomResizedCrop|RandomSizedCrop|CenterCrop|RandomCrop|Resize|Scale)$/.test(nameOf(transform)))
    return undefined;
  const size = transform.args.keywords.get('size') ?? transform.args.positional[0];
  const sides = size?.type === 'tuple' || size?.type === 'list' ? size.items.map(asNumber) : [size && asNumber(size)];
  const [side] = sides;
  return side !== undefined && sides.every((each) => each === side) ? side : undefined;
}

/** The transforms of a data set, in order. */
function transformsOf({ args }: RecordValue): RecordValue[] {
  const flat = (value: Value | undefined): RecordValue[] => {
    if (value?.type === 'list' || value?.type === 'tuple') return value.items.flatMap(flat);
    if (value?.type !== 'record') return [];
    return nameOf(value) === 'Compose'
      ? flat(value.args.positional[0] ?? value.args.keywords.get('transforms'))
      : [value];
  };
  return flat(args.keywords.get('transform') ?? args.positional.find((value) => value.type === 'record'));
}

/** Whether a data set is one to train with. */
const trains = ({ args, names }: RecordValue): boolean => {
  const train = args.keywords.get('train') ?? args.positional[1];
  if (train?.type === 'bool') return truth(train) === true;
  const split = args.keywords.get('split');
  if (split?.type === 'string') return /train/.test(split.value);
  return !names.some((name) => /(^|_)(val|valid|test|eval)/i.test(name));
};

/** The images that the script's one kind of data set gives; undefined where there is none, or several that differ. */
export function datasetImages(run: Evaluation): DatasetImages | undefined {
  const sets = run.findings.records.filter(
    (record) => /^torchvision\.datasets\./.test(record.path) && Object.hasOwn(IMAGES, nameOf(record)),
  );
  const used = sets.filter(trains).length > 0 ? sets.filter(trains) : sets;
  const images = used.flatMap((record): DatasetImages[] => {
    const [natural, own] = IMAGES[nameOf(record)]!;
    const transforms = transformsOf(record);
    const side = transforms.map(sideOf).findLast((each) => each !== undefined) ?? own;
    const grey = transforms.some(
      (each) => nameOf(each) === 'Grayscale' && asNumber(each.args.positional[0] ?? { type: 'int', value: 1 }) === 1,
    );
    const channels = grey ? 1 : natural;
    return side === null ? [] : [{ channels, side, origin: `${nameOf(record)}, line ${record.source.start.line}` }];
  });
  const [first, ...more] = images;
  return first && more.every(({ side }) => side === first.side) ? first : undefined;
}
