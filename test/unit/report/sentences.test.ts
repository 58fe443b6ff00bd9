import assert from 'node:assert/strict';
import type { Report } from '../../../src/engine/report/report';
import { probeSentence } from '../../../src/engine/report/sentences';
import { exampleReport } from './exampleReport';

const model = { id: 'fc', kind: 'Linear', file: 'model.py', sentence: 'assumed' };

describe('report: what was measured', () => {
  const of = (probe: Partial<Report['probe']>): string => {
    const report = exampleReport(model);
    return probeSentence({ ...report, probe: { ...report.probe, ...probe } });
  };

  it('names the optimizer’s settings, groups and clipping, and the loss’s settings', () => {
    const { loss } = exampleReport(model).probe;
    const sentence = of({
      optimizer: {
        kind: 'AdamW',
        settings: { lr: 0.001 },
        groups: [
          { parameters: 1, settings: { weight_decay: 0 } },
          { parameters: 12, settings: { lr: 1e-4 } },
        ],
        clipping: { kind: 'norm', max: 1, type: 2 },
        origin: 'line 3',
      },
      loss: { ...loss!, settings: { label_smoothing: 0.1, weight: [1, 2, 3, 4, 5, 6] } },
    });
    assert.match(
      sentence,
      /; AdamW lr 0\.001, 1 parameter with weight_decay 0, 12 parameters with lr 0\.0001, gradients clipped at norm 1 \(line 3\); /,
    );
    assert.match(sentence, /; CrossEntropyLoss label_smoothing 0\.1 weight \[1, 2, 3, 4, … 6 in all\] \(assumed\)$/);
  });

  it('says whose data it was', () => {
    assert.match(of({}), /on synthetic data \(generator prototypes@2\)/);
    const data = { kind: 'own', generator: 'files', files: ['x.npy', 'y.npy'], samples: 60_000 };
    assert.match(
      of({ data: { ...data, training: 1280, evaluation: 256 } }),
      /on your own data \(x\.npy, y\.npy: 60,000 samples, of which 1,280 are trained on and 256 judged by\)/,
    );
  });
});
