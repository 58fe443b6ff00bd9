"""Published networks for graphs, points, agents, fields and tables, written briefly from their papers."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Gcn(nn.Module):
    """Kipf & Welling 2016."""

    def __init__(self, features=32, classes=7):
        super().__init__()
        self.w1, self.w2 = nn.Linear(features, 16), nn.Linear(16, classes)

    def forward(self, x, adjacency):
        h = F.dropout(F.relu(adjacency @ self.w1(x)), 0.5, self.training)
        return adjacency @ self.w2(h)


class Gat(nn.Module):
    """Veličković et al. 2017, one head a layer."""

    def __init__(self, features=32, w=32, classes=7):
        super().__init__()
        self.w1, self.l1, self.r1 = nn.Linear(features, w, bias=False), nn.Linear(w, 1), nn.Linear(w, 1)
        self.w2, self.l2, self.r2 = nn.Linear(w, classes, bias=False), nn.Linear(classes, 1), nn.Linear(classes, 1)

    def layer(self, h, adjacency, left, right):
        scores = F.leaky_relu(left(h) + right(h).transpose(1, 2), 0.2)
        return torch.softmax(scores.masked_fill(adjacency == 0, -1e9), -1) @ h

    def forward(self, x, adjacency):
        h = F.elu(self.layer(self.w1(x), adjacency, self.l1, self.r1))
        return self.layer(self.w2(h), adjacency, self.l2, self.r2)


class Normed(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.BatchNorm1d(dim)

    def forward(self, x):
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class Gin(nn.Module):
    """Xu et al. 2018: BatchNorm in every layer's MLP."""

    def __init__(self, features=16, w=32, classes=2):
        super().__init__()
        mlp = lambda a: nn.Sequential(nn.Linear(a, w), Normed(w), nn.ReLU(), nn.Linear(w, w), Normed(w), nn.ReLU())
        self.layers, self.head = nn.ModuleList([mlp(features), mlp(w), mlp(w), mlp(w)]), nn.Linear(w, classes)

    def forward(self, x, adjacency):
        for layer in self.layers:
            x = layer(x + torch.bmm(adjacency, x))
        return self.head(x.sum(1))


class PointNet(nn.Module):
    """Qi et al. 2016, without its transforms."""

    def __init__(self, classes=40):
        super().__init__()
        layers = []
        for a, b in [(3, 64), (64, 64), (64, 128), (128, 512)]:
            layers += [nn.Conv1d(a, b, 1), nn.BatchNorm1d(b), nn.ReLU()]
        self.points = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Linear(512, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, classes))

    def forward(self, x):
        return self.head(self.points(x).max(2)[0])


class PointMlp(nn.Module):
    """A set of points through linear layers, as in Deep Sets (Zaheer et al. 2017): no norm."""

    def __init__(self, classes=40):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(3, 128), nn.ELU(), nn.Linear(128, 128), nn.ELU(), nn.Linear(128, 128))
        self.rho = nn.Sequential(nn.Dropout(0.5), nn.Linear(128, 128), nn.ELU(), nn.Linear(128, classes))

    def forward(self, x):
        return self.rho(self.phi(x).max(1)[0])


class Dqn(nn.Module):
    """Mnih et al. 2015."""

    def __init__(self, actions=6):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU(),
            nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, actions),
        )

    def forward(self, x):
        return self.net(x)


class ActorCritic(nn.Module):
    """PPO (Schulman et al. 2017)."""

    def __init__(self, state=17, actions=6):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(state, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.policy, self.value = nn.Linear(64, actions), nn.Linear(64, 1)

    def forward(self, x):
        h = self.body(x)
        return self.policy(h), self.value(h)


class SacCritic(nn.Module):
    """Haarnoja et al. 2018."""

    def __init__(self, state=17, action=6):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(state + action, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))

    def forward(self, state, action):
        return self.net(torch.cat([state, action], 1))


class CrossQCritic(nn.Module):
    """Bhatt et al. 2019: BatchNorm in the critic."""

    def __init__(self, state=17, action=6, w=512):
        super().__init__()
        self.net = nn.Sequential(
            nn.BatchNorm1d(state + action), nn.Linear(state + action, w), nn.ReLU(),
            nn.BatchNorm1d(w), nn.Linear(w, w), nn.ReLU(), nn.BatchNorm1d(w), nn.Linear(w, 1),
        )

    def forward(self, state, action):
        return self.net(torch.cat([state, action], 1))


class ZeroBlock(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.c1, self.n1, self.c2, self.n2 = nn.Conv2d(w, w, 3, 1, 1), nn.BatchNorm2d(w), nn.Conv2d(w, w, 3, 1, 1), nn.BatchNorm2d(w)

    def forward(self, x):
        return F.relu(x + self.n2(self.c2(F.relu(self.n1(self.c1(x))))))


class AlphaZero(nn.Module):
    """Silver et al. 2017."""

    def __init__(self, planes=17, w=64, moves=362):
        super().__init__()
        self.start = nn.Sequential(nn.Conv2d(planes, w, 3, 1, 1), nn.BatchNorm2d(w), nn.ReLU())
        self.blocks = nn.Sequential(*[ZeroBlock(w) for _ in range(4)])
        self.policy = nn.Sequential(nn.Conv2d(w, 2, 1), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 361, moves))
        self.value = nn.Sequential(nn.Conv2d(w, 1, 1), nn.BatchNorm2d(1), nn.ReLU(), nn.Flatten(), nn.Linear(361, 64), nn.ReLU(), nn.Linear(64, 1), nn.Tanh())

    def forward(self, x):
        h = self.blocks(self.start(x))
        return self.policy(h), self.value(h)


class SimbaBlock(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.net = nn.Sequential(nn.LayerNorm(w), nn.Linear(w, 4 * w), nn.ReLU(), nn.Linear(4 * w, w))

    def forward(self, x):
        return x + self.net(x)


class SimbaCritic(nn.Module):
    """Lee et al. 2024."""

    def __init__(self, state=17, action=6, w=128):
        super().__init__()
        self.open, self.blocks = nn.Linear(state + action, w), nn.Sequential(SimbaBlock(w), SimbaBlock(w))
        self.norm, self.head = nn.LayerNorm(w), nn.Linear(w, 1)

    def forward(self, state, action):
        return self.head(self.norm(self.blocks(self.open(torch.cat([state, action], 1)))))


class Nerf(nn.Module):
    """Mildenhall et al. 2020, its encoding of positions given."""

    def __init__(self, w=128):
        super().__init__()
        self.first = nn.Sequential(*[m for i in range(4) for m in (nn.Linear(63 if i == 0 else w, w), nn.ReLU())])
        self.second = nn.Sequential(*[m for i in range(3) for m in (nn.Linear(63 + w if i == 0 else w, w), nn.ReLU())])
        self.out = nn.Linear(w, 4)

    def forward(self, x):
        return self.out(self.second(torch.cat([x, self.first(x)], 1)))


class Siren(nn.Module):
    """Sitzmann et al. 2020."""

    def __init__(self, w=128):
        super().__init__()
        self.layers, self.out = nn.ModuleList([nn.Linear(2 if i == 0 else w, w) for i in range(4)]), nn.Linear(w, 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.sin(30 * layer(x))
        return self.out(x)


class DeepSdf(nn.Module):
    """Park et al. 2019: a code and a position; its weight norms are left out here."""

    def __init__(self, w=128):
        super().__init__()
        self.first = nn.Sequential(*[m for i in range(4) for m in (nn.Linear(3 if i == 0 else w, w), nn.ReLU())])
        self.second = nn.Sequential(*[m for i in range(3) for m in (nn.Linear(3 + w if i == 0 else w, w), nn.ReLU())])
        self.out = nn.Linear(w, 1)

    def forward(self, x):
        return torch.tanh(self.out(self.second(torch.cat([x, self.first(x)], 1))))


class TabularMlp(nn.Module):
    """Gorishniy et al. 2021: MLP."""

    def __init__(self, features=54, classes=7, w=128):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, w), nn.ReLU(), nn.Dropout(0.2), nn.Linear(w, w), nn.ReLU(), nn.Dropout(0.2), nn.Linear(w, classes))

    def forward(self, x):
        return self.net(x)


class TabularBlock(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.net = nn.Sequential(nn.BatchNorm1d(w), nn.Linear(w, 2 * w), nn.ReLU(), nn.Linear(2 * w, w))

    def forward(self, x):
        return x + self.net(x)


class TabularResNet(nn.Module):
    """Gorishniy et al. 2021: ResNet."""

    def __init__(self, features=54, classes=7, w=128):
        super().__init__()
        self.open, self.blocks = nn.Linear(features, w), nn.Sequential(*[TabularBlock(w) for _ in range(3)])
        self.norm, self.head = nn.BatchNorm1d(w), nn.Linear(w, classes)

    def forward(self, x):
        return self.head(F.relu(self.norm(self.blocks(self.open(x)))))


class SelfNormalizing(nn.Module):
    """Klambauer et al. 2017."""

    def __init__(self, features=54, classes=7):
        super().__init__()
        layers = []
        for i in range(8):
            layers += [nn.Linear(features if i == 0 else 64, 64), nn.SELU(), nn.AlphaDropout(0.05)]
        self.net = nn.Sequential(*layers, nn.Linear(64, classes))

    def forward(self, x):
        return self.net(x)


class DigitsMlp(nn.Module):
    """Ioffe & Szegedy 2015, section 4.1: three hidden layers of 100 sigmoids, BatchNorm in each."""

    def __init__(self):
        super().__init__()
        layers = []
        for i in range(3):
            layers += [nn.Linear(784 if i == 0 else 100, 100), nn.BatchNorm1d(100), nn.Sigmoid()]
        self.net = nn.Sequential(*layers, nn.Linear(100, 10))

    def forward(self, x):
        return self.net(x)
