import keras
from keras import layers

encoder = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(5),
    ],
    name="encoder",
)
decoder = keras.Sequential(
    [
        keras.Input((5,)),
        layers.Dense(2 * 2 * 6, activation="relu"),
        layers.Reshape((2, 2, 6)),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(1, 4, strides=2, padding="same"),
    ],
    name="decoder",
)
inputs = keras.Input((8, 8, 1))
model = keras.Model(inputs, decoder(encoder(inputs)), name="autoencoder")
