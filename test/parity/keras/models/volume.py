import keras
from keras import layers

model = keras.Sequential()
model.add(keras.Input((5, 6, 4, 2)))
model.add(layers.Conv3D(3, 3, padding="same", activation="softplus"))
model.add(layers.AveragePooling3D((1, 2, 2)))
model.add(layers.Cropping3D(((1, 1), (0, 1), (0, 0))))
model.add(layers.LayerNormalization(center=False))
model.add(layers.GlobalAveragePooling3D())
model.add(layers.Dense(3, activation="log_softmax"))
