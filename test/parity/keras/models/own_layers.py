import keras
from keras import layers, ops


class Linear(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="he_normal", name="kernel")
        self.gain = self.add_weight(shape=(self.units,), initializer="ones", trainable=False, name="gain")

    def call(self, inputs):
        return ops.matmul(inputs, self.kernel) * self.gain


class Mix(layers.Layer):
    def __init__(self, tokens, channels):
        super().__init__()
        self.norm = layers.LayerNormalization()
        self.over_tokens = keras.Sequential([layers.Dense(6, activation="gelu"), layers.Dense(tokens)])
        self.over_channels = Linear(channels)

    def call(self, x):
        y = ops.transpose(self.norm(x), (0, 2, 1))
        x = x + ops.transpose(self.over_tokens(y), axes=[0, 2, 1])
        return x + ops.tanh(self.over_channels(x))


inputs = keras.Input((4, 5))
x = Mix(4, 5)(inputs)
x = layers.Permute((2, 1))(x)
x = layers.Lambda(lambda t: ops.mean(t, axis=-1))(x)
model = keras.Model(inputs, Linear(3)(x))
