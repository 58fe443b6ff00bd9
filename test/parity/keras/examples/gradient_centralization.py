from time import time
import keras
from keras import layers
from keras.optimizers import RMSprop
from keras import ops
from tensorflow import data as tf_data
import tensorflow_datasets as tfds

num_classes = 2
input_shape = (300, 300, 3)
dropout = 0.2
(train_ds, test_ds), metadata = tfds.load(name="horses_or_humans", split=[tfds.Split.TRAIN, tfds.Split.TEST], with_info=True, as_supervised=True)
rescale = layers.Rescaling(1.0 / 255)
data_augmentation = [layers.RandomFlip("horizontal_and_vertical"), layers.RandomRotation(0.3), layers.RandomZoom(0.2)]
batch_size = 128


def prepare(ds, shuffle=False, augment=False):
    ds = ds.map(lambda x, y: (rescale(x), y), num_parallel_calls=tf_data.AUTOTUNE)
    if shuffle:
        ds = ds.shuffle(1024)
    ds = ds.batch(batch_size)
    return ds.prefetch(buffer_size=tf_data.AUTOTUNE)


train_ds = prepare(train_ds, shuffle=True, augment=True)
test_ds = prepare(test_ds)

model = keras.Sequential(
    [
        layers.Input(shape=input_shape),
        layers.Conv2D(16, (3, 3), activation="relu"),
        layers.MaxPooling2D(2, 2),
        layers.Conv2D(32, (3, 3), activation="relu"),
        layers.Dropout(dropout),
        layers.MaxPooling2D(2, 2),
        layers.Conv2D(64, (3, 3), activation="relu"),
        layers.MaxPooling2D(2, 2),
        layers.Flatten(),
        layers.Dropout(dropout),
        layers.Dense(512, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)


class GCRMSprop(RMSprop):
    def get_gradients(self, loss, params):
        grads = []
        gradients = super().get_gradients()
        for grad in gradients:
            grad_len = len(grad.shape)
            if grad_len > 1:
                axis = list(range(grad_len - 1))
                grad -= ops.mean(grad, axis=axis, keep_dims=True)
            grads.append(grad)
        return grads


optimizer = GCRMSprop(learning_rate=1e-4)
model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
model.summary()
history_gc = model.fit(train_ds, epochs=10, verbose=1)
