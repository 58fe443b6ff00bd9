import keras
from keras import layers

inputs = keras.Input((7, 3))
x = layers.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu")(inputs)
x = layers.GroupNormalization(groups=2)(x)
x = layers.SeparableConv1D(6, 3, strides=2, padding="same")(x)
x = layers.PReLU(shared_axes=[1])(x)
x = layers.RMSNormalization()(x)
sequence, state = layers.SimpleRNN(4, return_sequences=True, return_state=True)(x)
y = layers.MaxPooling1D(2)(sequence)
y = layers.UpSampling1D(2)(y)
z = layers.RepeatVector(4)(state)
model = keras.Model(inputs, layers.Dense(2)(layers.Maximum()([y, z])))
