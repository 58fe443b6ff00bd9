import assert from 'node:assert/strict';
import { inputsOf, read, whysOf } from './read';

describe('PyTorch reader: environments', () => {
  it('knows the spaces of one by its name', async () => {
    const network = await read(`import gymnasium as gym
env = gym.make("CartPole-v1")
class DQN(nn.Module):
    def __init__(self, n_observations, n_actions):
        super().__init__()
        self.layer1 = nn.Linear(n_observations, 16)
        self.layer2 = nn.Linear(16, n_actions)
    def forward(self, x):
        return self.layer2(F.relu(self.layer1(x)))
state, info = env.reset()
policy = DQN(len(state), env.action_space.n)
`);
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape),
      [[16, 4], [16], [2, 16], [2]],
    );
    assert.deepEqual(whysOf(network), []);
  });

  it('knows those of several side by side, made by functions, and what wrappers change', async () => {
    const network = await read(`import gymnasium as gym
import numpy as np
import tyro
from dataclasses import dataclass
from stable_baselines3.common.atari_wrappers import NoopResetEnv
@dataclass
class Args:
    env_id: str = "BreakoutNoFrameskip-v4"
    num_envs: int = 2
def make_env(env_id):
    def thunk():
        env = gym.make(env_id)
        env = gym.wrappers.RecordEpisodeStatistics(env)
        env = NoopResetEnv(env, noop_max=30)
        env = gym.wrappers.ResizeObservation(env, (84, 84))
        env = gym.wrappers.GrayScaleObservation(env)
        return gym.wrappers.FrameStack(env, 4)
    return thunk
class Agent(nn.Module):
    def __init__(self, envs):
        super().__init__()
        self.conv = nn.Conv2d(envs.single_observation_space.shape[0], 8, 8, stride=4)
        self.actor = nn.Linear(8, envs.single_action_space.n)
        self.size = np.array(envs.single_observation_space.shape).prod()
    def forward(self, x):
        return self.actor(self.conv(x / 255.0).mean((2, 3)))
if __name__ == "__main__":
    args = tyro.cli(Args)
    envs = gym.vector.SyncVectorEnv([make_env(args.env_id) for i in range(args.num_envs)])
    agent = Agent(envs)
`);
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape),
      [[8, 4, 8, 8], [8], [4, 8], [4]],
    );
    assert.match(inputsOf(network).join(), /^x \[batch, 4, /);
    assert.deepEqual(whysOf(network), []);
  });

  it('counts the numbers of a space as numpy does', async () => {
    const network = await read(`import gym
import numpy as np
env = gym.make("HalfCheetah-v4")
actor = nn.Sequential(
    nn.Linear(np.array(env.observation_space.shape).prod() + np.prod(env.action_space.shape), 8),
    nn.Linear(8, env.action_space.shape[0]),
)
`);
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape),
      [[8, 23], [8], [6, 8], [6]],
    );
  });

  it('follows wrappers of the file’s own', async () => {
    const network = await read(`import gym
class Turned(gym.ObservationWrapper):
    def __init__(self, env):
        super().__init__(env)
        h, w, c = self.observation_space.shape
        self.observation_space = gym.spaces.Box(low=0, high=255, shape=(c, h, w))
class Same(gym.Wrapper):
    def __init__(self, env, k=2):
        gym.Wrapper.__init__(self, env)
        self.k = k
env = Same(Turned(gym.make("PongNoFrameskip-v4")))
model = nn.Sequential(nn.Conv2d(env.observation_space.shape[0], env.action_space.n, 3))
`);
    assert.deepEqual(network.parameters[0]!.shape, [6, 3, 3, 3]);
  });

  it('says of which it does not know them', async () => {
    await assert.rejects(
      read(`import gym
env = gym.make("MyMaze-v0")
model = nn.Linear(env.observation_space.shape[0], 2).weight
`),
      /the spaces of the environment MyMaze-v0 are not known here/,
    );
  });

  it('follows the file’s own wrappers and those of packages that are not read', async () => {
    const network = await read(`import gym
from gym import spaces
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnvWrapper, VecNormalize
class Fire(gym.Wrapper):
    def __init__(self, env):
        gym.Wrapper.__init__(self, env)
        assert env.unwrapped.get_action_meanings()[1] == 'FIRE'
class Stack(gym.Wrapper):
    def __init__(self, env, k):
        super().__init__(env)
        old = env.observation_space.shape
        self.observation_space = spaces.Box(low=0, high=255, shape=(old[-1] * k,) + old[:2])
class ToTensor(VecEnvWrapper):
    def __init__(self, venv, device):
        super().__init__(venv)
        self.device = device
def make():
    env = gym.make("PongNoFrameskip-v4")
    assert 'NoFrameskip' in env.spec.id
    if 'FIRE' in env.unwrapped.get_action_meanings():
        env = Fire(env)
    return Stack(env, 2)
envs = ToTensor(VecNormalize(venv=DummyVecEnv([make for _ in range(3)]), norm_obs=False), 'cpu')
assert isinstance(envs.action_space, spaces.Discrete)
class Agent(nn.Module):
    def __init__(self, envs):
        super().__init__()
        self.conv = nn.Conv2d(envs.observation_space.shape[0], 8, 8, stride=4)
        self.actor = nn.Linear(8, envs.action_space.n)
        self.scale = nn.Parameter(torch.zeros(1, envs.action_space.n))
    def forward(self, x, device):
        return self.actor(self.conv(torch.Tensor(x).to(device)).mean((2, 3))) + self.scale
agent = Agent(envs)
agent(envs.reset(), 'cpu')
`);
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape),
      [[1, 6], [8, 6, 8, 8], [8], [6, 8], [6]],
    );
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(
      network.outputs.map((output) => network.calls.some(({ id }) => id === output)),
      [true],
    );
  });
});
