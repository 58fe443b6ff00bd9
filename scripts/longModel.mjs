// A model file as long as one likes, for measuring what reading costs.

/** A file of so many lines: residual blocks in classes of 20 lines, of which a network of eight is made. */
export function longModel(count) {
  const block = (n) => `
class Block${n}(nn.Module):
    """A residual block."""

    def __init__(self, width, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.scale = [${n}, ${n} + 1]

    def forward(self, x):
        # What goes round the convolutions.
        identity = x
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + identity)

`;
  const blocks = Math.max(1, Math.floor((count - 20) / 20));
  const used = Array.from({ length: Math.min(8, blocks) }, (_, n) => `Block${n}(16)`).join(', ');
  const unused = Array.from({ length: blocks }, (_, n) => `Block${n}`).join(', ');
  return `import torch.nn.functional as F
from torch import nn
${Array.from({ length: blocks }, (_, n) => block(n)).join('')}
every = [${unused}]
model = nn.Sequential(nn.Conv2d(3, 16, 3), ${used}, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
# normscope: input=3x32x32
`;
}

/** Where a person types in it: within a call in the constructor of the block in the middle. */
export const typingAt = (text) => text.indexOf('width, 3, 1, 1', text.length / 2) + 'width, 3, 1, 1'.length;
