import keras
from keras import layers, ops, regularizers
import tensorflow as tf

AUTO = tf.data.AUTOTUNE
BATCH_SIZE = 128
EPOCHS = 5
CROP_TO = 32
SEED = 26
PROJECT_DIM = 2048
LATENT_DIM = 512
WEIGHT_DECAY = 0.0005

(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
ssl_ds_one = tf.data.Dataset.from_tensor_slices(x_train)
ssl_ds_one = ssl_ds_one.shuffle(1024, seed=SEED).map(custom_augment, num_parallel_calls=AUTO).batch(BATCH_SIZE).prefetch(AUTO)
ssl_ds = tf.data.Dataset.zip((ssl_ds_one, ssl_ds_one))
N = 2
DEPTH = N * 9 + 2
NUM_BLOCKS = (DEPTH - 2) // 9


def stem(inputs):
    x = layers.Rescaling(scale=1.0 / 127.5, offset=-1)(inputs)
    return layers.Conv2D(16, 3, padding="same", use_bias=False, kernel_regularizer=regularizers.l2(WEIGHT_DECAY))(x)


def block(x, filters, stride):
    skip = x if stride == 1 and x.shape[-1] == filters else layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False)(x)
    return layers.Add()([x, skip])


def get_encoder():
    inputs = layers.Input((CROP_TO, CROP_TO, 3))
    x = stem(inputs)
    for filters, stride in zip([16, 32, 64], [1, 2, 2]):
        for i in range(NUM_BLOCKS):
            x = block(x, filters, stride if i == 0 else 1)
    x = layers.GlobalAveragePooling2D(name="backbone_pool")(x)
    x = layers.Dense(PROJECT_DIM, use_bias=False, kernel_regularizer=regularizers.l2(WEIGHT_DECAY))(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Dense(PROJECT_DIM, use_bias=False)(x)
    outputs = layers.BatchNormalization()(x)
    return keras.Model(inputs, outputs, name="encoder")


def get_predictor():
    return keras.Sequential(
        [
            layers.Input((PROJECT_DIM,)),
            layers.Dense(LATENT_DIM, use_bias=False, kernel_regularizer=regularizers.l2(WEIGHT_DECAY)),
            layers.ReLU(),
            layers.BatchNormalization(),
            layers.Dense(PROJECT_DIM),
        ],
        name="predictor",
    )


def compute_loss(p, z):
    z = ops.stop_gradient(z)
    p = keras.utils.normalize(p, axis=1, order=2)
    z = keras.utils.normalize(z, axis=1, order=2)
    return -ops.mean(ops.sum((p * z), axis=1))


class Contrastive(keras.Model):
    def __init__(self, encoder, predictor):
        super().__init__()
        self.encoder = encoder
        self.predictor = predictor
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, data):
        ds_one, ds_two = data
        with tf.GradientTape() as tape:
            z1, z2 = self.encoder(ds_one), self.encoder(ds_two)
            p1, p2 = self.predictor(z1), self.predictor(z2)
            loss = compute_loss(p1, z2) / 2 + compute_loss(p2, z1) / 2
        return {"loss": self.loss_tracker.result()}


steps = EPOCHS * (len(x_train) // BATCH_SIZE)
lr_decayed_fn = keras.optimizers.schedules.CosineDecay(initial_learning_rate=0.03, decay_steps=steps)
contrastive = Contrastive(get_encoder(), get_predictor())
contrastive.compile(optimizer=keras.optimizers.SGD(lr_decayed_fn, momentum=0.6))
history = contrastive.fit(ssl_ds, epochs=EPOCHS)
backbone = keras.Model(contrastive.encoder.input, contrastive.encoder.get_layer("backbone_pool").output)
backbone.trainable = False
inputs = layers.Input((CROP_TO, CROP_TO, 3))
x = backbone(inputs, training=False)
outputs = layers.Dense(10, activation="softmax")(x)
linear_model = keras.Model(inputs, outputs, name="linear_model")
linear_model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"],
                     optimizer=keras.optimizers.SGD(lr_decayed_fn, momentum=0.9))
