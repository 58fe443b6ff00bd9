/** A file with one finding that has a fix, and what the fix writes: `to` in place of `from`, several times where it says so. */
export interface QuickFixCase {
  readonly rule: string;
  readonly kind: string;
  readonly text: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
}

const TORCH = `import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
# normscope: input=INPUT batch=16
`;
const torch = (input: string, text: string): string => TORCH.replace('INPUT', input) + text;
const keras = (text: string): string => `import keras
from keras import layers

# normscope: input=20 batch=16
${text}`;
const classified = `criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`;

/** Each kind of edit once: an attribute, a layer added, replaced, removed, an argument of the script, imports; PyTorch and Keras. */
export const quickFixCases: readonly QuickFixCase[] = [
  {
    rule: 'bias-before-batchnorm',
    kind: 'an attribute, in lines that end in CR LF',
    text: torch(
      '20',
      'model = nn.Sequential(\n    nn.Linear(20, 8),  # kept\n    nn.BatchNorm1d(8),\n    nn.Linear(8, 2),\n)\n',
    ).replace(/\n/g, '\r\n'),
    edits: [['nn.Linear(20, 8)', 'nn.Linear(20, 8, bias=False)']],
  },
  {
    rule: 'double-softmax',
    kind: 'a function taken away',
    text: torch(
      '20',
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 5)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


model = Net()
${classified}`,
    ),
    edits: [['F.softmax(self.fc(x), dim=1)', 'self.fc(x)']],
  },
  {
    rule: 'norm-after-logits',
    kind: 'a layer taken away with its line',
    text: torch(
      '20',
      `model = nn.Sequential(
    nn.Linear(20, 8),
    nn.ReLU(),
    nn.Linear(8, 5, bias=False),
    nn.BatchNorm1d(5),
)
${classified}`,
    ),
    edits: [['    nn.BatchNorm1d(5),\n', '']],
  },
  {
    rule: 'layernorm-wrong-axis',
    kind: 'a norm replaced, in a class',
    text: torch(
      '3x16x16',
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.norm = nn.LayerNorm(16)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x))).mean((2, 3))
`,
    ),
    edits: [['nn.LayerNorm(16)', 'nn.GroupNorm(1, 16)']],
  },
  {
    rule: 'instancenorm-without-affine',
    kind: 'an argument added by name',
    text: torch(
      '3x16x16',
      `model = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.InstanceNorm2d(8),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(8, 5),
)
${classified}`,
    ),
    edits: [['nn.InstanceNorm2d(8)', 'nn.InstanceNorm2d(8, affine=True)']],
  },
  {
    rule: 'momentum-as-eps',
    kind: 'an argument by its place, and one by name',
    text: torch(
      '20',
      'model = nn.Sequential(\n    nn.Linear(20, 8, bias=False),\n    nn.BatchNorm1d(8, 0.8),\n    nn.ReLU(),\n    nn.Linear(8, 2),\n)\n',
    ),
    edits: [['nn.BatchNorm1d(8, 0.8)', 'nn.BatchNorm1d(8, 0.00001, momentum=0.2)']],
  },
  {
    rule: 'selu-with-dropout',
    kind: 'a layer of another kind',
    text: torch(
      '20',
      'model = nn.Sequential(\n\tnn.Linear(20, 8),\n\tnn.SELU(),\n\tnn.Dropout(0.1),\n\tnn.Linear(8, 8),\n\tnn.SELU(),\n\tnn.Linear(8, 2),\n)\n',
    ),
    edits: [['nn.Dropout(0.1)', 'nn.AlphaDropout(p=0.1)']],
  },
  {
    rule: 'last-batch-of-one',
    kind: "an argument of the script's loader",
    text: torch(
      '20',
      'model = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))\ntrain_loader = DataLoader(train_set, batch_size=32, shuffle=True)\n',
    ).replace(' batch=16', ''),
    edits: [['shuffle=True)', 'shuffle=True, drop_last=True)']],
  },
  {
    rule: 'weight-decay-on-norms',
    kind: "an optimizer's parameters in two groups",
    text: torch(
      '20',
      'model = nn.Sequential(nn.Linear(20, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 2))\noptimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)\n',
    ),
    edits: [
      [
        'AdamW(model.parameters(),',
        "AdamW([{'params': [p for p in model.parameters() if p.ndim > 1]}, {'params': [p for p in model.parameters() if p.ndim <= 1], 'weight_decay': 0.0}],",
      ],
    ],
  },
  {
    rule: 'distributed-without-syncbn',
    kind: 'a conversion around an argument',
    text: torch(
      '3x16x16',
      'model = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 2, 1))\nloader = DataLoader(dataset, batch_size=8, sampler=sampler)\nddp = torch.nn.parallel.DistributedDataParallel(model)\n',
    ).replace(' batch=16', ''),
    edits: [['DataParallel(model)', 'DataParallel(nn.SyncBatchNorm.convert_sync_batchnorm(model))']],
  },
  {
    rule: 'postnorm-without-warmup',
    kind: "a block's argument",
    text: torch(
      '10x32',
      'model = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), num_layers=8)\noptimizer = torch.optim.Adam(model.parameters(), lr=1e-3)\n',
    ),
    edits: [['batch_first=True)', 'batch_first=True, norm_first=True)']],
  },
  {
    rule: 'bias-before-batchnorm',
    kind: 'Keras: an attribute in a functional model',
    text: keras(
      'inputs = keras.Input((20,))\nx = layers.Dense(8)(inputs)\nx = layers.BatchNormalization()(x)\nx = layers.ReLU()(x)\nmodel = keras.Model(inputs, layers.Dense(2)(x))\n',
    ),
    edits: [['layers.Dense(8)', 'layers.Dense(8, use_bias=False)']],
  },
  {
    rule: 'double-softmax',
    kind: "Keras: a layer's activation taken away",
    text: keras(
      "model = keras.Sequential([\n    keras.Input((20,)),\n    layers.Dense(5, activation='softmax'),\n])\nmodel.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n",
    ),
    edits: [[", activation='softmax'", '']],
  },
  {
    rule: 'crossentropy-on-scores',
    kind: 'Keras: an argument of the loss',
    text: keras(
      "model = keras.Sequential([keras.Input((20,)), layers.Dense(5)])\nmodel.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy())\n",
    ),
    edits: [['Crossentropy()', 'Crossentropy(from_logits=True)']],
  },
  {
    rule: 'consecutive-norms',
    kind: 'Keras: a layer taken away, added by add',
    text: keras(
      'model = keras.Sequential()\nmodel.add(keras.Input((20,)))\nmodel.add(layers.Dense(8))\nmodel.add(layers.LayerNormalization())\nmodel.add(layers.BatchNormalization())\nmodel.add(layers.ReLU())\nmodel.add(layers.Dense(2))\n',
    ),
    edits: [['model.add(layers.BatchNormalization())\n', '']],
  },
];
