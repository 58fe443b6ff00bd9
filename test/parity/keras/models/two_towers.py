import keras
from keras import layers, ops

image = keras.Input((8, 8, 2), name="image")
table = keras.Input((5,), name="table")
shared = layers.Dense(4, activation="selu", name="shared")
x = layers.Flatten()(layers.MaxPooling2D(3, strides=2, padding="same")(layers.Conv2D(3, 3)(image)))
left = shared(layers.Dense(6)(x))
right = shared(layers.Dense(6)(table))
product = layers.Multiply()([left, right])
difference = layers.Subtract()([left, right])
score = layers.Dense(1, name="score")(layers.Concatenate()([product, difference, ops.maximum(left, right)]))
kind = layers.Dense(3, activation="softmax", name="kind")(layers.Average()([left, right]))
model = keras.Model(inputs=[image, table], outputs=[score, kind])
