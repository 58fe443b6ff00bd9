import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InputError } from '../../../../src/engine/network';
import { DEEPEST_NESTING, LONGEST_TEXT } from '../../../../src/engine/readers/description/document';
import { read, refusal } from './reading';

const H = 'input: [8]\nlayers:\n';
const G = 'input: [8]\ngraph:\n';

/** What is wrong, the text, and the error: line, column, and words of it. */
const cases: readonly [title: string, text: string, error: RegExp][] = [
  [
    'an unknown layer',
    `${H}  - ReLU\n  - Linaer: {out_features: 4}`,
    /^4:5 unknown layer 'Linaer'; did you mean 'Linear'\?/,
  ],
  ['an unknown layer in other case', `${H}  - conv2D`, /^3:5 .*did you mean 'Conv2d'/],
  ['a layer like no other', `${H}  - Quux`, /^3:5 unknown layer 'Quux'; layers known: .*Linear/],
  ['a name of every object', `${H}  - constructor`, /^3:5 unknown layer 'constructor'/],
  ['an attribute of every object', `${H}  - ReLU: {constructor: 1}`, /^3:12 .*no attribute 'constructor'/],
  [
    'an unknown attribute',
    `${H}  - Linear: {out_feature: 4}`,
    /^3:14 '0' \(Linear\) has no attribute 'out_feature'; did you mean 'out_features'/,
  ],
  ['an id among the attributes', `${H}  - Linear: {out_features: 4, id: x}`, /^3:31 .*'id'; write it beside Linear/],
  ['a missing attribute', `${H}  - Linear`, /^3:5 .*Linear needs 'out_features'; give out_features: a whole number/],
  ['an attribute of a wrong type', `${H}  - Linear: {out_features: many}`, /^3:28 .*takes a whole number, not "many"/],
  ['an attribute that is a mapping', `${H}  - Linear: {out_features: {a: 1}}`, /^3:28 an attribute takes no mapping/],
  ['attributes that are a number', `${H}  - Linear: 4`, /^3:13 Linear takes a mapping, not 4/],
  ['an attribute out of its braces', `${H}  - Linear:\n    out_features: 4`, /^4:5 a line has no key 'out_features'/],
  ['two layers on a line', `${H}  - {ReLU: {}, Tanh: {}}`, /^3:16 two layers on one line: ReLU and Tanh/],
  ['a line without a layer', `${H}  - {id: x}`, /^3:5 a line without a layer/],
  ['a line that is a list', `${H}  - [ReLU]`, /^3:5 a line is a layer, not a list/],
  ['a line that is nothing', `${H}  -\n  - ReLU`, /^3:\d+ a line is a layer, not nothing/],
  ['a wrong key', `inputs: [8]\nlayers: [ReLU]`, /^1:1 .*no key 'inputs'; did you mean 'input'/],
  [
    'a wrong key of a residual',
    `${H}  - residual: [ReLU]\n    shortcuts: [ReLU]`,
    /^4:5 .*'shortcuts'; did you mean 'shortcut'/,
  ],
  ['an empty residual', `${H}  - residual: []`, /^3:15 residual has no lines/],
  ['an empty list of layers', 'input: [8]\nlayers: []', /^2:9 layers has no lines/],
  ['no layers', 'input: [8]', /^1:1 neither layers nor graph/],
  ['no input', 'layers: [ReLU]', /^1:1 no input; write `input: \[784\]` \(without/],
  ['a size below one', 'input: [0]\nlayers: [ReLU]', /^1:9 a size takes a whole number from 1/],
  ['a broken size', 'input: [8.5]\nlayers: [ReLU]', /^1:9 a size takes a whole number/],
  ['an input without a shape', 'input: {x: {dtype: int64}}\nlayers: [ReLU]', /^1:12 input 'x' has no shape/],
  [
    'a shape that does not fit',
    `${H}  - Linear: {out_features: 4}\n  - Linear: {in_features: 5, out_features: 2}`,
    /^4:5 '1' \(Linear\) does not fit its input \[batch, 4\] from '0' \(Linear, line 3\): mat1 and mat2 shapes cannot be multiplied \(batchx4 and 5x2\)/,
  ],
  [
    'a rank that does not fit',
    `${H}  - {Conv2d: {out_channels: 4, kernel_size: 3}, id: stem}`,
    /^3:\d+ 'stem' \(Conv2d\)/,
  ],
  [
    'channels that groups do not divide',
    'input: [6, 4, 4]\nlayers: [{GroupNorm: {num_groups: 4}}]',
    /^2:\d+ '0' \(GroupNorm\).*divisible/,
  ],
  [
    'a residual of two shapes',
    `${H}  - residual: [{Linear: {out_features: 4}}]`,
    /^3:5 .*the branch gives \[batch, 4\] from '0.0' \(Linear, line 3\), the shortcut \[batch, 8\] from the input 'input'/,
  ],
  [
    'branches that cannot be joined',
    `input: [3, 5]\nlayers:\n  - {concat: [[Identity], [{Linear: {out_features: 2}}]], dim: 1}`,
    /^3:5 '0.cat' \(cat\) does not fit its input \[batch, 3, 5\] from the input 'input' and \[batch, 3, 2\] from '0.1.0' \(Linear, line 3\)/,
  ],
  ['an id twice', `${H}  - {ReLU: , id: a}\n  - {Tanh: , id: a}`, /^4:\d+ the id 'a' stands twice/],
  ["an input's name as an id", `${H}  - {ReLU: , id: input}`, /^3:\d+ the id 'input' stands twice/],
  ['a number as an id', `${H}  - {ReLU: , id: 7}`, /^3:\d+ id takes a text, not 7/],
  ['a dotted id', `${H}  - {ReLU: , id: a.b}`, /^3:\d+ 'a.b' cannot be an id/],
  [
    'an id in a repeat',
    `${H}  - repeat: 2\n    layers: [{residual: [{ReLU: , id: a}]}]`,
    /^4:\d+ the id 'a' inside a repeat/,
  ],
  [
    'a reference to nothing',
    `${H}  - {ReLU: , id: stem}\n  - {Tanh: , from: stam}`,
    /^4:\d+ nothing is called 'stam'; did you mean 'stem'/,
  ],
  [
    'a line below',
    `${H}  - {ReLU: , from: b}\n  - {Tanh: , id: b, from: input}`,
    /^3:20 '0' takes 'b', which stands below it; move 'b' above it/,
  ],
  [
    'a cycle',
    `${H}  - {ReLU: , id: a, from: c}\n  - {Tanh: , id: b}\n  - {Tanh: , id: c}`,
    /^3:\d+ 'a' takes 'c', which depends on it: a cycle, a → c → b → a/,
  ],
  ['a line that takes itself', `${H}  - {ReLU: , id: a, from: a}`, /^3:\d+ .*a cycle, a → a/],
  [
    'a line that takes what it is in',
    `${H}  - {residual: [{ReLU: , from: block}], id: block}`,
    /^3:\d+ 'block.0' takes 'block'.*a cycle, block.0 → block → block.add → block.0/,
  ],
  ['too many inputs', `${H}  - {ReLU: , id: a}\n  - {Tanh: , from: [a, input]}`, /^4:\d+ Tanh takes 1 input, not 2/],
  ['an empty from', `${H}  - {ReLU: , from: []}`, /^3:\d+ from names nothing/],
  [
    'no line above among several inputs',
    'input: {a: [8], b: [8]}\nlayers: [ReLU]',
    /^2:10 '0' has no line above it.*one of a, b/,
  ],
  [
    'a huge repeat',
    `${H}  - repeat: 1000000000\n    layers: [ReLU]`,
    /^3:\d+ repeat takes a whole number from 1 to 20000/,
  ],
  [
    'huge repeats in each other',
    `${H}  - repeat: 20000\n    layers: [{repeat: 20000, layers: [ReLU]}]`,
    /more than 20000 lines/,
  ],
  ['a repeat of nothing', `${H}  - repeat: 3`, /^3:5 repeat has no layers/],
  [
    'an unknown initialization',
    `${H}  - Linear: {out_features: 4, init: {weight: {norml: {std: 1}}}}`,
    /^3:\d+ unknown initialization 'norml'; did you mean 'normal'/,
  ],
  [
    'an initialization of nothing',
    `${H}  - Linear: {out_features: 4, bias: false, init: {bias: {constant: 0}}}`,
    /^3:\d+ init of '0' \(Linear\) has no key 'bias'/,
  ],
  [
    'fans of a vector',
    `${H}  - Linear: {out_features: 4, init: {bias: kaiming_uniform}}`,
    /^3:\d+ kaiming_uniform needs a tensor of at least 2 dimensions/,
  ],
  [
    'a negative deviation',
    `${H}  - Linear: {out_features: 4, init: {weight: {normal: {std: -1}}}}`,
    /^3:\d+ a standard deviation of -1/,
  ],
  [
    'an unknown task',
    `input: [8]\ntask: regresion\nlayers: [ReLU]`,
    /^2:7 unknown task 'regresion'; did you mean 'regression'/,
  ],
  [
    'more classes than outputs',
    `input: [8]\ntask: {kind: classification, classes: 10}\nlayers: [ReLU]`,
    /^2:39 10 classes, but the network gives \[batch, 8\]/,
  ],
  ['a loss twice', `input: [8]\nloss: MSELoss\ntask: {loss: MSELoss}\nlayers: [ReLU]`, /^3:14 loss stands twice/],
  [
    'an unknown optimizer',
    `input: [8]\noptimizer: {Adma: {lr: 1}}\nlayers: [ReLU]`,
    /^2:13 unknown optimizer 'Adma'; did you mean 'Adam'/,
  ],
  [
    'Nesterov without momentum',
    `input: [8]\noptimizer: {SGD: {nesterov: true}}\nlayers: [ReLU]`,
    /^2:29 Nesterov momentum requires a momentum/,
  ],
  [
    'a group of a parameter that is not there',
    `input: [8]\noptimizer: {SGD: {}, groups: [{parameters: [0.wieght], lr: 0}]}\nlayers: [{Linear: {out_features: 2}}]`,
    /^2:45 no parameter is called '0.wieght'; did you mean '0.weight'/,
  ],
  [
    'a parameter in two groups',
    `input: [8]\noptimizer: {SGD: {}, groups: [{parameters: [0.bias, 0.bias]}]}\nlayers: [{Linear: {out_features: 2}}]`,
    /^2:53 the parameter '0.bias' stands in two groups/,
  ],
  [
    'an unknown setting of a loss',
    `input: [8]\nloss: {HuberLoss: {dleta: 1}}\nlayers: [ReLU]`,
    /^2:20 HuberLoss has no key 'dleta'; did you mean 'delta'/,
  ],
  [
    'as many class weights as there are no classes',
    `input: [8]\nloss: {CrossEntropyLoss: {weight: [1, 2]}}\nlayers: [{Linear: {out_features: 3}}]`,
    /^2:7 weight tensor should be defined either for all 3 classes or no classes/,
  ],
  [
    'a class loss on a single number',
    `input: [8]\nloss: NLLLoss\nlayers: [{Linear: {out_features: 3}}, {mean: {dim: 1}}]`,
    /^2:7 NLLLoss takes a score for each class/,
  ],
  [
    'an initialization that its tensor cannot take',
    `input: [8]\nlayers: [{Linear: {out_features: 3, init: {weight: dirac}}}]`,
    /^2:\d+ dirac: Only tensors with 3, 4, or 5 dimensions are supported/,
  ],
  [
    'a negative learning rate',
    `input: [8]\noptimizer: {SGD: {lr: -1}}\nlayers: [ReLU]`,
    /^2:23 SGD's lr takes a finite number of at least 0, not -1/,
  ],
  ['a batch of none', `input: [8]\nbatch: 0\nlayers: [ReLU]`, /^2:8 batch takes a whole number from 1/],
  ['an empty file', '', /^1:1 the file is empty/],
  ['comments alone', '# nothing\n', /^1:1 the file is empty/],
  ['a list', '- ReLU', /^1:1 a description file takes a mapping, not a list/],
  ['a text', 'hello', /^1:1 .*takes a mapping, not 'hello'/],
  ['tabs', 'input: [8]\nlayers:\n\t- ReLU', /^3:1 not valid YAML: Tabs.*; indent with spaces/],
  ['an open bracket', 'input: [8\nlayers: [ReLU]', /^2:\d+ not valid YAML/],
  ['a key twice', 'input: [8]\nbatch: 2\nbatch: 3\nlayers: [ReLU]', /^3:1 the key 'batch' stands twice/],
  ['two documents', 'input: [8]\nlayers: [ReLU]\n---\ninput: [8]', /^3:\d+ a second document/],
  ['a tag', 'input: !py [8]\nlayers: [ReLU]', /^1:8 not valid YAML: Unresolved tag/],
  ['an alias of nothing', 'input: *size\nlayers: [ReLU]', /^1:8 \*size names no anchor/],
  ['an alias of itself', 'input: [8]\nlayers: &all [ReLU, {residual: *all}]', /^2:\d+ \*all contains itself: a cycle/],
  ['a key that is a list', '? [a]\n: 1', /^1:3 a key must be a name/],
  [
    'a cycle of calls',
    `${G}  calls:\n    - {id: a, kind: add, inputs: [input, b]}\n    - {id: b, kind: add, inputs: [a, input]}`,
    /^4:7 the call 'a' takes what depends on it: a cycle, a → b → a/,
  ],
  ['a call of itself', `${G}  calls: [{id: a, kind: add, inputs: [input, a]}]`, /^3:11 .*a cycle, a → a/],
  [
    'a call of no module',
    `${G}  modules: [{id: head, kind: ReLU}]\n  calls: [{module: haed, inputs: input}]`,
    /^4:20 no module is called 'haed'; did you mean 'head'/,
  ],
  [
    'a call of a container',
    `${G}  modules: [{id: a, kind: Block, container: true}]\n  calls: [{module: a, inputs: input}]`,
    /^4:11 the module 'a' computes nothing/,
  ],
  ['a call of nothing', `${G}  calls: [{inputs: input}]`, /^3:11 a call names neither a module nor a kind/],
  ['a call without inputs', `${G}  calls: [{kind: add}]`, /^3:11 a call has no inputs/],
  [
    'an operand that is nothing',
    `${G}  calls: [{kind: add, inputs: [input, inptu]}]`,
    /^3:\d+ nothing is called 'inptu'; did you mean 'input'/,
  ],
  [
    'a parameter that is nothing',
    `${G}  calls: [{kind: add, inputs: [input, {parameter: p}]}]`,
    /^3:\d+ no parameter or buffer is called 'p'/,
  ],
  [
    'a second output of one',
    `${G}  modules: [{id: a, kind: ReLU}]\n  calls: [{module: a, inputs: input}, {kind: add, inputs: ['a:7', a]}]`,
    /^4:\d+ 'a:7': the call has fewer outputs/,
  ],
  ['a module twice', `${G}  modules: [{id: a, kind: ReLU}, {id: a, kind: Tanh}]`, /^3:34 the module 'a' stands twice/],
  [
    'an unknown kind of module',
    `${G}  modules: [{id: a, kind: Rellu}]`,
    /^3:27 unknown layer 'Rellu'; did you mean 'ReLU'/,
  ],
  [
    'a wrong key of a module',
    `${G}  modules: [{id: a, kind: ReLU, attribute: {}}]`,
    /^3:\d+ a module has no key 'attribute'; did you mean 'attributes'/,
  ],
  [
    'a free parameter without a shape',
    `${G}  parameters: [{id: p, init: {constant: 0}}]`,
    /^3:16 the parameter 'p' has no shape/,
  ],
  [
    'a free parameter without an init',
    `${G}  parameters: [{id: p, shape: [2]}]`,
    /^3:16 the parameter 'p' has no init/,
  ],
  [
    'tied parameters of two shapes',
    `${G}  modules: [{id: a, kind: Linear, attributes: {in_features: 8, out_features: 4}}, {id: b, kind: Linear, attributes: {in_features: 8, out_features: 5}, parameters: {weight: a.weight}}]`,
    /^3:\d+ the parameter 'a.weight' does not fit: it has the shape \[4, 8\], here \[5, 8\]/,
  ],
  [
    'an id without the branch that it is in',
    `${H}  - residual: [{ReLU: {}, id: rest}, {add: {}, from: [rest, input]}]`,
    /^3:\d+ nothing is called 'rest'; did you mean '0\.rest'/,
  ],
  ['an input that is a text', `input: eight\nlayers: [ReLU]`, /^1:8 input takes a shape or a mapping, not 'eight'/],
  ['an output that is nothing', `${G}  outputs: [inputt]`, /^3:13 nothing is called 'inputt'; did you mean 'input'/],
  ['a name of two lines', `${H}  - "Li\\nnear"`, /^3:5 unknown layer 'Li near'; did you mean 'Linear'/],
  ['a name without end', `${H}  - ${'x'.repeat(100_000)}`, /^3:5 unknown layer 'x{280,300}…; layers known/],
  ['a shape without end', `input: [${'1, '.repeat(100)}]\nlayers: [ReLU]`, /^1:8 a shape of 100 dimensions/],
  ['layers and a graph', `${G}  outputs: [input]\nlayers: [ReLU]`, /^3:3 both layers and graph/],
];

describe('description: errors', () => {
  for (const [title, text, error] of cases) {
    it(`places ${title}`, () => assert.match(refusal(text), error));
  }

  it('says which line of a file is too deep, however deep', () => {
    for (const deep of [DEEPEST_NESTING + 1, 100_000]) {
      assert.match(
        refusal(`input: [8]\nlayers: ${'['.repeat(deep)}`),
        /^2:\d+ lists and mappings are nested more than/,
      );
    }
    assert.match(refusal(`input: [8]\nlayers: ${'- '.repeat(50_000)}`), /nested more than|not valid YAML/);
  });

  it('reads as many lines as it may within seconds, and still says where a shape was made', () => {
    const lines = `${H}${'  - ReLU\n'.repeat(15_000)}`;
    const started = performance.now();
    assert.equal(read(lines).calls.length, 15_000);
    assert.match(
      refusal(`${lines}  - Linear: {in_features: 7, out_features: 2}\n`),
      /\[batch, 8\] from the input 'input'/,
    );
    assert.ok(performance.now() - started < 8_000);
  });

  it('refuses a bomb of aliases at once', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const started = performance.now();
    assert.match(refusal(`a0: &a0 [1]\n${levels.join('\n')}`), /more than 500000 values once the aliases are followed/);
    assert.ok(performance.now() - started < 5_000);
  });

  it('refuses a text that is too long', () => {
    assert.match(refusal(`input: [8]\n${'#'.repeat(LONGEST_TEXT)}`), /^1:1 \d+ characters/);
  });

  it('names a cycle through thousands of lines', () => {
    const chain = Array.from(
      { length: 5_000 },
      (_, i) => `    - {id: c${i}, kind: add, inputs: [input, c${(i + 1) % 5_000}]}`,
    );
    assert.match(refusal(`${G}  calls:\n${chain.join('\n')}`), /a cycle, c0 → c1 → c2 → c3 → … → c4998 → c4999 → c0/);
  });

  it('gives an InputError or a network for any piece of a file cut out', () => {
    const whole =
      'name: x\ninput: {a: [8]}\ntask: {kind: classification, classes: 4}\noptimizer: {SGD: {lr: 0.1}}\nlayers:\n' +
      '  - &l {Linear: {out_features: 8, init: {weight: {normal: {std: 1}}}}}\n  - repeat: 2\n    layers: [*l, ReLU]\n' +
      '  - residual: [Tanh]\n    shortcut: [Identity]\n  - concat: [[Tanh], [ReLU]]\n  - {Linear: {out_features: 4}, id: head, from: 5}\n';
    assert.equal(read(whole).outputs[0], 'head');
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(12),
        fc.constantFrom('', ' ', '[', '{', ':', '1', '\n', 'null', '*l'),
        (start, length, put) => {
          const text = whole.slice(0, start) + put + whole.slice(start + length);
          try {
            read(text);
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
            assert.ok(error.source, error.message);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
