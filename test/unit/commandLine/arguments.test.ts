import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AnalyzeRequest, parseArguments } from '../../../src/engine/commandLine/arguments';
import { COMMANDS, flags } from '../../../src/engine/commandLine/flags';
import { help } from '../../../src/engine/commandLine/help';
import { InputError } from '../../../src/engine/network';

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''));
const analyze = (line: string) => parse(`analyze net.py ${line}`) as AnalyzeRequest;

/** The message of the InputError that a line must give. */
function mistake(line: string): string {
  try {
    parse(line);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail(`accepted: ${line}`);
}

describe('command line: arguments', () => {
  it('takes the defaults of the contract', () => {
    assert.deepEqual(parse('analyze nets/net.py::Net'), {
      command: 'analyze',
      file: 'nets/net.py',
      read: { name: 'Net' },
      format: 'text',
      failOn: 'never',
      options: { seed: 0, budgetSeconds: 10, advise: true },
    });
    assert.deepEqual(parse('inspect net.py'), { command: 'inspect', file: 'net.py', read: {}, format: 'text' });
  });

  it('takes every flag of analyze', () => {
    const line =
      '--input image=8x3x32x32 --input tokens=8x64:int64 --set width=64 --set=name=a=b --batch 4 --steps 0 --seed 7 ' +
      '--seeds 3 --budget 2.5 --no-advise --fail-on warning --format sarif --output out.sarif';
    assert.deepEqual(analyze(line), {
      command: 'analyze',
      file: 'net.py',
      read: {
        inputs: [
          { name: 'image', shape: [8, 3, 32, 32] },
          { name: 'tokens', shape: [8, 64], dtype: 'int64' },
        ],
        batch: 4,
        set: { width: '64', name: 'a=b' },
      },
      output: 'out.sarif',
      format: 'sarif',
      failOn: 'warning',
      options: { steps: 0, seed: 7, seeds: 3, budgetSeconds: 2.5, advise: false },
    });
  });

  it('takes the batch from the front of the inputs unless --batch says it', () => {
    assert.equal(analyze('--input 1x3x224x224').read.batch, 1);
    assert.equal(analyze('--input 1x3 --batch 9').read.batch, 9);
    assert.equal(analyze('--input 1x3 --input y=2x3 --batch 9').read.batch, 9);
    assert.match(mistake('analyze net.py --input x=1x3 --input y=2x3'), /batch sizes 1 and 2/);
  });

  it('takes --json for --format json', () => {
    assert.equal(analyze('--json').format, 'json');
    assert.equal(analyze('--json --format json').format, 'json');
    assert.match(mistake('analyze net.py --json --format html'), /exclude each other/);
    assert.match(mistake('inspect net.py --format html'), /--format takes text, json, not 'html'/);
  });

  it('takes severities and baselines for both reports', () => {
    const flags = '--rule double-softmax=off --rule dead-units=error --baseline a.json --write-baseline b.json';
    const judge = {
      rules: { 'double-softmax': 'off', 'dead-units': 'error' },
      baseline: 'a.json',
      writeBaseline: 'b.json',
    };
    assert.deepEqual(parse(`inspect net.py ${flags}`), {
      command: 'inspect',
      file: 'net.py',
      read: {},
      format: 'text',
      ...judge,
    });
    const { rules, baseline, writeBaseline } = analyze(flags);
    assert.deepEqual({ rules, baseline, writeBaseline }, judge);
  });

  it('takes rules, and the rule that is explained', () => {
    assert.deepEqual(parse('rules'), { command: 'rules', json: false });
    assert.deepEqual(parse('rules --json'), { command: 'rules', json: true });
    assert.deepEqual(parse('explain dead-units'), { command: 'explain', rule: 'dead-units' });
  });

  it('knows help and version', () => {
    assert.deepEqual(parse('--help'), { command: 'help' });
    assert.deepEqual(parse('--version'), { command: 'version' });
    for (const about of COMMANDS) assert.deepEqual(parse(`${about} --help`), { command: 'help', about });
    assert.deepEqual(parse('analyze net.py -h'), { command: 'help', about: 'analyze' });
  });

  it('answers a mistyped flag or command with the nearest', () => {
    assert.match(mistake('analyze net.py --bacth 4'), /^--bacth is not a flag of 'analyze'; did you mean --batch\?$/);
    assert.match(mistake('analyze net.py --fail_on error'), /did you mean --fail-on\?/);
    assert.match(mistake('analyse net.py'), /did you mean 'analyze'\?/);
    assert.match(mistake('analyze net.py --zzzzz'), /'normscope analyze --help' lists its flags/);
    assert.match(mistake('inspect net.py --steps 4'), /--steps is a flag of 'analyze', not of 'inspect'/);
    assert.match(mistake('analyze net.py -b 4'), /^-b is not a flag/);
  });

  it('refuses wrong values in one line', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['', /no command was given/],
      ['analyze', /no model file was given/],
      ['analyze a.py b.py', /'b\.py' is a second/],
      ['analyze a.py::', /lacks a part of FILE::NAME/],
      ['analyze ::Net', /lacks a part of FILE::NAME/],
      ['analyze a.py --batch', /--batch needs a value/],
      ['analyze a.py --batch --json', /--batch needs a value/],
      ['analyze a.py --batch=', /--batch needs a value/],
      ['analyze a.py --batch 0', /whole number from 1/],
      ['analyze a.py --batch 1.5', /whole number from 1/],
      ['analyze a.py --batch 1e9', /whole number from 1/],
      ['analyze a.py --batch 2 --batch 2', /--batch is given twice/],
      ['analyze a.py --steps -1', /whole number from 0/],
      ['analyze a.py --seed 4294967296', /up to|to 4294967295/],
      ['analyze a.py --seeds 0', /whole number from 1/],
      ['analyze a.py --budget 0', /seconds above 0/],
      ['analyze a.py --budget inf', /seconds above 0/],
      ['analyze a.py --input 1x0x3', /a size is not between 1/],
      ['analyze a.py --input 3,224,224', /with the batch in front/],
      ['analyze a.py --input 1x3:float16', /types float32 and int64/],
      ['analyze a.py --set width', /KEY=VALUE/],
      ['analyze a.py --set a=1 --set a=2', /--set a is given twice/],
      ['analyze a.py --fail-on fatal', /--fail-on takes error, warning, note, never/],
      ['analyze a.py --no-advise=1', /takes no value/],
      ['analyze a.py --rule dead-units', /--rule takes ID=SEVERITY/],
      ['analyze a.py --rule dead-units=fatal', /--rule dead-units takes off, note, warning, error, not 'fatal'/],
      ['analyze a.py --rule dead-units=off --rule dead-units=note', /--rule dead-units is given twice/],
      ['convert a.py --baseline b', /--baseline is a flag of 'inspect' and 'analyze'/],
      ['rules dead-units', /try 'normscope explain dead-units'/],
      ['explain', /no rule was given; name one/],
      ['explain a b', /'b' is a second/],
    ];
    for (const [line, pattern] of wrong) assert.match(mistake(line), pattern, line);
  });

  it('answers any arguments with a request or an InputError', () => {
    const word = fc.oneof(
      fc.constantFrom(...flags.map(({ name }) => `--${name}`), 'a.py', '3', '1x2', '--', '-', 'json'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS), fc.array(word, { maxLength: 6 }), (command, words) => {
        try {
          assert.ok(parseArguments([command, ...words]).command);
        } catch (error) {
          assert.ok(error instanceof InputError, String(error));
        }
      }),
    );
  });
});

describe('command line: help', () => {
  it('explains every flag of a command, within 100 columns', () => {
    for (const command of COMMANDS) {
      const text = help(command);
      for (const flag of flags) {
        const listed = new RegExp(`^  --${flag.name}\\b`, 'm').test(text);
        assert.equal(listed, (flag.commands as readonly string[]).includes(command), `${command} --${flag.name}`);
      }
    }
    for (const text of [help(), ...COMMANDS.map(help)]) {
      for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
    }
  });
});
